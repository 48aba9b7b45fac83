"""The documents tell the truth: what they name is there, and what is there they name."""

from __future__ import annotations

import fnmatch
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from cyclopts import App

from deployments.cli import main
from deployments.cli.app import build
from hitline.settings import Settings
from hitline.store.schema import metadata
from marketplace.api.app import OPERATIONS
from marketplace.cli import app as marketplace
from marketplace.settings import Settings as MarketplaceSettings

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
DOCS = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

HOSTS = {"127.0.0.1", "localhost", "docs.prefect.io", "turk.example"}
"""The only hosts that the documents may name."""


def code(document: Path) -> Iterator[str]:
    """Each piece of a document that is set as code: inline spans, and lines of blocks."""
    blocks = re.split(r"^```\w*$", document.read_text("utf-8"), flags=re.MULTILINE)
    for at, part in enumerate(blocks):
        if at % 2:
            yield from (line.strip().removeprefix("$ ") for line in part.splitlines())
        else:
            yield from re.findall(r"`([^`\n]+)`", part)


def commands(program: str) -> list[str]:
    """Every call of a program that the documents show, without repeats."""
    shown = (line for document in DOCS for line in code(document))
    return sorted({line for line in shown if re.match(rf"{program} [\w-]", line)})


def words(command: str) -> list[str]:
    return shlex.split(command)[1:]


def names(text: str, prefix: str) -> set[str]:
    return set(re.findall(rf"\b{prefix}_[A-Z_]*[A-Z]\b", text))


@cache
def hitline() -> App:
    return build()


@cache
def cli_commands() -> list[str]:
    """What `hitline` can do, groups as two words."""
    found = []
    app = hitline()
    for name in app:
        if name.startswith("-"):
            continue
        inner = [below for below in app[name] if not below.startswith("-")]
        found += [f"{name} {below}" for below in inner] or [name]
    return found


# Commands


@pytest.mark.parametrize("command", commands("hitline"))
def test_every_hitline_command_shown_is_one_that_it_takes(command: str) -> None:
    only_named = " ".join(words(command)) in [*cli_commands(), "notifications"]

    if not only_named:
        hitline().parse_args(words(command), exit_on_error=False, print_error=False)


@pytest.mark.parametrize("command", cli_commands())
def test_every_hitline_command_is_in_the_readme_and_explains_itself(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = [line for line in code(README) if f"{line} ".startswith(f"hitline {command} ")]

    assert shown, f"README.md does not show hitline {command}"
    assert main([*command.split(), "--help"]) == 0
    assert f"hitline {command}" in capsys.readouterr().out


@pytest.mark.parametrize("command", commands("marketplace"))
def test_every_marketplace_command_shown_is_one_that_it_takes(command: str) -> None:
    marketplace.parse_args(words(command), exit_on_error=False, print_error=False)


@pytest.mark.parametrize("command", commands("make"))
def test_every_make_command_shown_has_its_target_and_variables(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    variables = [word.partition("=")[0] for word in words(command) if "=" in word]
    targets = [word for word in words(command) if "=" not in word]

    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    assert all(f"$({variable})" in makefile for variable in variables)


@pytest.mark.parametrize("command", commands("python"))
def test_every_module_that_is_run_exists(command: str) -> None:
    flag, module = words(command)[:2]
    path = ROOT.joinpath(*module.split("."))

    assert flag == "-m"
    assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def test_the_documents_show_commands_of_every_kind() -> None:
    """So that the tests above do not pass for want of anything to test."""
    counts = {name: len(commands(name)) for name in ("hitline", "make", "marketplace", "python")}

    assert counts["hitline"] >= len(cli_commands())
    assert all(counts.values())


# Files


@pytest.mark.parametrize("document", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_named_exists(document: Path) -> None:
    top = {path.name for path in ROOT.iterdir()} - {"var", ".venv"}
    spans = [part for part in code(document) if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", part)]
    named = [
        span
        for span in spans
        if ("/" in span and span.partition("/")[0] in top)
        or re.search(r"\.(py|md|toml|yaml|lock|ini)$", span)
    ]
    # An example's own pipeline.py is nobody's.
    missing = [span for span in named if not (ROOT / span).exists() and span != "pipeline.py"]
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8"))
    missing += [link for link in links if not (document.parent / link).exists()]

    assert not missing


def test_the_map_names_the_top_level_folders_and_no_others() -> None:
    map_ = README.read_text().partition("## Where things are")[2].partition("\n## ")[0]
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]
    folders = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir()
        and not path.name.startswith(".")
        and not any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored)
        and any(inside.is_file() for inside in path.rglob("*"))
    }

    assert set(re.findall(r"^\| `(\w+)/` \|", map_, re.MULTILINE)) == folders


def test_the_excerpt_of_the_demo_pipeline_is_what_its_file_says() -> None:
    text = README.read_text().partition("## Defining a pipeline")[2]
    excerpt = text.partition("```python\n")[2].partition("```")[0]
    lines = iter((ROOT / "pipelines" / "stance" / "pipeline.py").read_text().splitlines())

    # `in` reads on, so the order is compared too.
    assert excerpt
    assert [line for line in excerpt.splitlines() if line and line not in lines] == []


@pytest.mark.parametrize("document", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_examples_compile_and_import_what_there_is(document: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", document.read_text("utf-8"), re.DOTALL):
        compile(block, str(document), "exec")
        imports = [line for line in block.splitlines() if line.startswith("from ")]
        exec("\n".join(imports), {})


# Names


def test_the_readme_has_every_setting_with_its_default_and_no_other() -> None:
    text = README.read_text()
    rows = dict(re.findall(r"^\| `HITLINE_(\w+)` \| (.*?) \|", text, re.MULTILINE))

    assert {name.lower() for name in rows} == set(Settings.model_fields)
    for name, shown in rows.items():
        default = Settings.model_fields[name.lower()].default
        expected = "none" if default is None else f"`{default}`"
        assert shown == expected or (name.endswith("ANCHOR") and shown in str(default)), name


@pytest.mark.parametrize("document", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_variable_named_is_read_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    ours = {name.removeprefix("HITLINE_").lower() for name in names(text, "HITLINE")}
    theirs = {name.removeprefix("MARKETPLACE_").lower() for name in names(text, "MARKETPLACE")}
    stack = (ROOT / "deployments" / "stack" / "parts.py").read_text()

    assert ours <= set(Settings.model_fields)
    assert theirs <= set(MarketplaceSettings.model_fields)
    assert names(text, "PREFECT") <= names(stack, "PREFECT")


def test_the_requester_api_has_a_row_for_every_operation() -> None:
    text = (ROOT / "docs" / "requester-api.md").read_text("utf-8")
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", text, re.MULTILINE)

    assert sorted(re.findall(r"\w+", " ".join(rows))) == sorted(OPERATIONS)


def test_the_architecture_names_every_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ", tables(), re.MULTILINE)

    assert sorted(rows) == sorted(metadata.tables)


def test_the_architecture_names_every_deployment() -> None:
    deployed = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    doors = ARCHITECTURE.read_text().partition("## Doors and bells")[2].partition("\n## ")[0]

    rows = re.findall(r"^\| .*? \| `(\w+)` \| ", doors, re.MULTILINE)
    assert sorted(rows) == sorted(one["name"] for one in deployed)


def test_the_architecture_names_every_import_contract() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    arrows = ARCHITECTURE.read_text().partition("## The arrows")[2].partition("\n## ")[0]

    rows = re.findall(r"^\| (.*?) \| ", arrows, re.MULTILINE)
    assert rows[1:] == [contract["name"] for contract in config["contracts"]]


def test_the_architecture_names_every_decision() -> None:
    text = ARCHITECTURE.read_text()
    decisions = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))

    assert re.findall(r"\(decisions/(.*?)\)", text) == [path.name for path in decisions]


@pytest.mark.parametrize("document", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_knows_the_machine_it_was_written_on(document: Path) -> None:
    text = document.read_text("utf-8")

    assert not re.findall(r"(?<![\w.])/(?:work|tmp|home|root|Users|opt|mnt)/\S*", text)
    assert set(re.findall(r"https?://([^/:\s`\")]+)", text)) <= HOSTS


def tables() -> str:
    return ARCHITECTURE.read_text().partition("## The tables")[2].partition("\n## ")[0]
