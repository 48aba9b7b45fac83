"""deployments/cluster: every setting is one that its reader knows, and all say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.settings.legacy import _get_settings_fields
from prefect.settings.models.root import Settings as PrefectSettings

from hitline.settings import Settings

FILES = Path(__file__).parents[2] / "deployments" / "cluster"
SERVICES: dict[str, Any] = yaml.safe_load((FILES / "compose.yaml").read_text())["services"]
UNITS = {
    "prefect-api": "prefect-api-1",
    "prefect-services": "prefect-services-1",
    "hitline-worker@": "worker-1",
    "hitline-intake@": "intake-1",
}
TWICE = ("prefect-api", "prefect-services", "worker", "intake")


def names(file: str) -> set[str]:
    lines = (FILES / file).read_text().splitlines()
    return {line.partition("=")[0] for line in lines if line and not line.startswith("#")}


def field(file: str, name: str) -> str:
    """What stands after `name=`; there has to be one."""
    found: list[str] = re.findall(rf"^{name}=(.*)$", (FILES / file).read_text(), re.MULTILINE)
    return found[0]


def test_every_setting_is_one_that_prefect_or_hitline_reads() -> None:
    known = {*_get_settings_fields(PrefectSettings), "PREFECT_REDIS_MESSAGING_URL", "DO_NOT_TRACK"}
    known |= {f"HITLINE_{name.upper()}" for name in Settings.model_fields}
    known |= {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert names("prefect.env") | names("hitline.env") <= known
    assert not {name for name in names("hitline.env") if name.startswith("PREFECT_SERVER_")}


def test_the_password_is_the_same_for_servers_and_clients() -> None:
    server = field("prefect.env", "PREFECT_SERVER_API_AUTH_STRING")
    assert server == field("hitline.env", "PREFECT_API_AUTH_STRING")


def test_there_are_two_of_each_alike() -> None:
    for name in TWICE:
        assert SERVICES[f"{name}-1"] == SERVICES[f"{name}-2"], name


def read_by_unit(unit: str) -> list[tuple[str, bool]]:
    """The files with settings, and whether they have to be there."""
    found = re.findall(r"^EnvironmentFile=(-?)(.*)$", (FILES / unit).read_text(), re.MULTILINE)
    return [(Path(path).name, not optional) for optional, path in found]


def read_by_service(service: dict[str, Any]) -> list[tuple[str, bool]]:
    given = service["env_file"]
    files = [given] if isinstance(given, str) else given
    whole = [{"path": one, "required": True} if isinstance(one, str) else one for one in files]
    return [(Path(one["path"]).name, one["required"]) for one in whole]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_what_compose_starts_with_the_same_settings(name: str) -> None:
    service, unit = SERVICES[UNITS[name]], f"systemd/{name}.service"
    started = field(unit, "ExecStart").replace("/opt/hitline/.venv/bin/", "")
    started = started.replace(" --name worker-%H-%i", "")
    assert started == service["command"]
    assert read_by_unit(unit) == read_by_service(service)


def test_the_proxy_leads_to_every_api_server() -> None:
    proxied = re.findall(r"prefect-api-\d+:4200", (FILES / "Caddyfile").read_text())
    assert proxied == ["prefect-api-1:4200", "prefect-api-2:4200"]


def test_an_image_holds_no_password_key_or_database() -> None:
    """It is built from the whole checkout, in which a person has edited the settings."""
    left_out = (FILES.parents[1] / ".dockerignore").read_text().splitlines()
    assert {".git", "var", "postgres-password"} <= {*left_out}
    assert {"deployments/cluster/*.env", "deployments/cluster/databases.sql"} <= {*left_out}
    assert "postgres-password" in (FILES.parents[1] / ".gitignore").read_text().splitlines()
    secrets = yaml.safe_load((FILES / "compose.yaml").read_text())["secrets"]
    assert secrets["postgres"]["file"] == "./postgres-password"
