"""Reading script files: TOML, or JSON where the name says so; and whom they speak of."""

from __future__ import annotations

import hashlib
import json
import tomllib
from base64 import b32encode
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from marketplace.crowd.errors import ScriptError

Model = TypeVar("Model", bound=BaseModel)


def read_script(path: Path, model: type[Model]) -> Model:
    """The script in a file; raises ScriptError, naming file and field."""
    try:
        return model.model_validate(_parsed(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise ScriptError(f"{path}, {where}: {first['msg']}.") from error


def worker_id(crowd: str, worker: str) -> str:
    """The marketplace's id of a crowd's worker: `A` and 13 letters or digits, always the same."""
    digest = hashlib.sha256(f"{crowd}/{worker}".encode()).digest()
    return "A" + b32encode(digest).decode()[:13]


def _parsed(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ScriptError(f"Cannot read the crowd's script {path}: {error.strerror}.") from error
    except ValueError as error:
        raise ScriptError(f"{path} is not a TOML or JSON file: {error}.") from error
