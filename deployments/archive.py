"""`python -m deployments.archive`: the archive for AWS Lambda, with `lambda_handler.handler` in it.

Without options it can forward to a queue, and holds our own code only; `--database` adds the
packages with which it writes to PostgreSQL, as they are installed here. They hold compiled code:
make the archive on a machine like the function's (Linux, the same processor and Python).
"""

from __future__ import annotations

import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

ROOT = Path(__file__).resolve().parents[1]
OURS = ("hitline/**/*", "deployments/__init__.py", "deployments/lambda_handler.py")
FOR_THE_DATABASE = ("deployments/receiving.py",)
PACKAGES = (
    "alembic",
    "annotated-types",
    "greenlet",
    "mako",
    "markupsafe",
    "psycopg",
    "psycopg-binary",
    "pydantic",
    "pydantic-core",
    "sqlalchemy",
    "typing-extensions",
    "typing-inspection",
)
"""What hitline's store imports; boto3 is there in Lambda."""

app = App(name="deployments.archive", help=__doc__)


@app.default
def archive(
    *,
    out: Annotated[Path, Parameter(help="The file to write.")] = Path("var/lambda.zip"),
    database: Annotated[bool, Parameter(help="With what writing to PostgreSQL takes.")] = False,
) -> None:
    """Write the archive, in place of an older one."""
    write(out, database=database)
    print(f"{out} ({out.stat().st_size // 1024} KiB); handler: deployments.lambda_handler.handler")


def write(out: Path, *, database: bool) -> None:
    """The archive as a file; folders on the way are made."""
    out.parent.mkdir(parents=True, exist_ok=True)
    patterns = OURS + (FOR_THE_DATABASE if database else ())
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for pattern in patterns:
            for file in sorted(ROOT.glob(pattern)):
                if file.is_file() and "__pycache__" not in file.parts:
                    made.write(file, file.relative_to(ROOT))
        for package in PACKAGES if database else ():
            _add(made, package)


def _add(made: zipfile.ZipFile, package: str) -> None:
    """The files of an installed package; not those that it put outside, such as commands."""
    for file in distribution(package).files or ():
        if ".." not in file.parts and file.suffix != ".pyc":
            made.write(str(file.locate()), str(file))


if __name__ == "__main__":
    app(result_action="return_none")
