"""Finding a pipeline: a name is a folder under the pipelines folder, with a `pipeline.py` in it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

from hitline.errors import HitlineError, InvalidDefinition, UnknownPipeline
from hitline.pipeline import Pipeline
from hitline.stage import Stage


def stage_of(load: Callable[[str], Pipeline], pipeline: str, stage: str) -> Stage | None:
    """The stage; None where its pipeline cannot be loaded, or has it no more.

    For what looks after all pipelines: one whose file is gone or broken keeps no other waiting.
    """
    try:
        return load(pipeline).stage(stage)
    except (UnknownPipeline, InvalidDefinition):
        return None


def if_it_loads(load: Callable[[str], Pipeline], name: str) -> Pipeline | None:
    """The pipeline; None where it cannot be loaded."""
    try:
        return load(name)
    except UnknownPipeline:
        return None


def load(name: str, folder: Path) -> Pipeline:
    """The pipeline called `name`: the variable `pipeline` of `folder`/name/pipeline.py.

    Raises UnknownPipeline naming the file and what to do; a wrong definition's own error, if that
    is why it cannot be loaded, is kept in the message.
    """
    path = folder / name / "pipeline.py"
    if not path.is_file():
        known = sorted(found.parent.name for found in folder.glob("*/pipeline.py"))
        raise UnknownPipeline(
            f'there is no pipeline "{name}": {path} does not exist; '
            + (f"there is {', '.join(known)}" if known else f"{folder} holds no pipeline")
        )
    module_name = f"hitline_pipeline_{name}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except HitlineError as wrong:
        raise UnknownPipeline(f"{path}: {wrong}") from wrong
    except Exception as wrong:
        raise UnknownPipeline(
            f"{path} cannot be loaded: {type(wrong).__name__}: {wrong}"
        ) from wrong
    pipeline = getattr(module, "pipeline", None)
    if not isinstance(pipeline, Pipeline):
        raise UnknownPipeline(f'{path} defines no variable "pipeline" that is a Pipeline')
    if pipeline.name != name:
        raise UnknownPipeline(
            f'{path} defines the pipeline "{pipeline.name}"; its folder must bear the same name'
        )
    return pipeline
