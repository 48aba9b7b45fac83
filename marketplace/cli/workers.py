"""`marketplace worker`: who may work on the site, and what is stored of them."""

from __future__ import annotations

import json
import sys
from typing import Annotated

from cyclopts import App, Parameter

from marketplace.cli.opening import Database, opened
from marketplace.engine import Engine, people, personal_data, work
from marketplace.engine.qualification_grants import name_master
from marketplace.errors import InvalidSettings

worker_app = App(name="worker", help="Who may work, and what is stored of them.")


@worker_app.command
def add(
    worker_id: str | None = None,
    *,
    email: str | None = None,
    name: str | None = None,
    country: str | None = None,
    database: Database = None,
) -> None:
    """Make a worker: with --email and --name one who can sign in, else one without a login.

    Prints the worker's id; for a login also a link, good once, to choose the password by.

    Example: marketplace worker add --email ann@example.org --name Ann

    Parameters
    ----------
    worker_id
        Id of a worker without a login, such as a replayed crowd's.
    email
        What the worker signs in with.
    name
        What the worker is called.
    country
        Two letters, such as DE.
    """
    if (worker_id is None) == (email is None) or (email is None) != (name is None):
        raise InvalidSettings("Give --email and --name, or WORKER_ID alone for one without login.")
    if worker_id is not None:
        if not people.WORKER_ID.fullmatch(worker_id):
            raise InvalidSettings(f"WORKER_ID: {worker_id!r} is not an A, then A-Z and 0-9.")
        with opened(database) as engine, engine.act() as tx:
            work.register(tx, worker_id)
        print(worker_id)
        return
    assert email is not None
    assert name is not None
    if not people.EMAIL.fullmatch(email) or len(email) > people.LONGEST_EMAIL:
        raise InvalidSettings(f"--email: {email!r} is no address such as ann@example.org.")
    if country is not None and not people.COUNTRY.fullmatch(country):
        raise InvalidSettings(f"--country: {country!r} is not two letters such as DE.")
    with opened(database) as engine:
        with engine.act() as tx:
            made = people.sign_up(tx, email=email, name=name, country=country)
            token = people.make_link(tx, "reset", made)
        print(made)
        print(f"{_base(engine)}/password/{token}")


@worker_app.command(name="list")
def list_workers(*, database: Database = None) -> None:
    """Show every worker: id, email, name, country, and whether the login is closed."""
    with opened(database) as engine, engine.look() as tx:
        for worker_id, person in people.everybody(tx):
            known = (
                [person.email, person.name, person.country or "-"] if person else ["-", "-", "-"]
            )
            state = "closed" if person and person.closed_at else "open" if person else "no login"
            print("\t".join([worker_id, *known, state]))


@worker_app.command
def invite(*, database: Database = None) -> None:
    """Print a link by which one person can sign up, within 14 days."""
    with opened(database) as engine:
        with engine.act() as tx:
            token = people.make_link(tx, "invitation")
        print(f"{_base(engine)}/sign-up?invitation={token}")


@worker_app.command
def reset(worker: str, *, database: Database = None) -> None:
    """Print a link by which a worker can choose a new password, within 3 days.

    The old password works until then. Earlier links of the worker's do no longer.

    Parameters
    ----------
    worker
        The worker's id, or email.
    """
    with opened(database) as engine:
        with engine.act() as tx:
            person = people.find_by_email(tx, worker) or people.existing(tx, worker)
            token = people.make_link(tx, "reset", person.worker_id)
        print(f"{_base(engine)}/password/{token}")


@worker_app.command
def export(worker_id: str, *, database: Database = None) -> None:
    """Print everything that is stored of a worker, as JSON."""
    with opened(database) as engine, engine.look() as tx:
        content = personal_data.export(tx, worker_id)
    json.dump(content, sys.stdout, indent=2, ensure_ascii=False)
    print()


@worker_app.command
def erase(worker_id: str, *, database: Database = None) -> None:
    """Forget who a worker is: login, name, messages, sessions, answers to tests.

    The id stays with the worker's assignments, answers, payments, scores and blocks, which the
    requesters' books need; nothing says any more whose it was. Backups made before still do.
    """
    with opened(database) as engine, engine.act() as tx:
        personal_data.erase(tx, worker_id)
    print(f"{worker_id} is erased; the id stays with work that was submitted and paid.")


@worker_app.command
def close(worker_id: str, *, database: Database = None) -> None:
    """End a worker's login, and return what they hold; their record and pay stay."""
    with opened(database) as engine, engine.act() as tx:
        people.close(tx, worker_id)
    print(f"{worker_id} can no longer sign in.")


@worker_app.command
def master(
    worker_id: str,
    *,
    end: Annotated[bool, Parameter(negative="")] = False,
    database: Database = None,
) -> None:
    """Name a worker a Master, as HITs may ask for; nobody is one without your word.

    Parameters
    ----------
    end
        Take the name away again.
    """
    with opened(database) as engine, engine.act() as tx:
        name_master(tx, worker_id, is_master=not end)
    print(f"{worker_id} is {'no longer ' if end else ''}a Master.")


def _base(engine: Engine) -> str:
    settings = engine.settings
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
