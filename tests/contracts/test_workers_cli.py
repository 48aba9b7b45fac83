"""`marketplace worker`, while the service runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from marketplace.cli import app
from marketplace.errors import InvalidSettings, MarketplaceError
from tests.contracts.visiting import PASSWORD, Visitor, add_person

Command = Callable[..., list[str]]


@pytest.fixture
def command(market: Any, capsys: pytest.CaptureFixture[str]) -> Command:
    """Call with a command's words; returns the lines that it printed."""

    def call(*tokens: str) -> list[str]:
        app(["worker", *tokens, "--database", market.database], result_action="return_value")
        return capsys.readouterr().out.splitlines()

    return call


def path_of(link: str) -> str:
    assert link.startswith("http://127.0.0.1:8017/")
    return link.removeprefix("http://127.0.0.1:8017")


def test_an_added_worker_chooses_a_password_by_the_printed_link(
    market: Any, command: Command
) -> None:
    worker_id, link = command("add", "--email", "ann@example.org", "--name", "Ann")
    ann = Visitor(market)
    assert ann.sign_in("ann@example.org", "!").status == 403
    token = ann.get(path_of(link)).tree.xpath("//input[@name='form_token']/@value")[0]
    fields = {"form_token": token, "password": PASSWORD}
    assert ann.http.post(path_of(link), data=fields).url.path == "/hits"
    assert command("list") == [f"{worker_id}\tann@example.org\tAnn\t-\topen"]


def test_a_worker_without_a_login_is_just_an_id(command: Command) -> None:
    assert command("add", "AREPLAYED1") == ["AREPLAYED1"]
    assert command("list") == ["AREPLAYED1\t-\t-\t-\tno login"]


def test_an_invitation_lets_somebody_sign_up(market: Any, command: Command) -> None:
    (link,) = command("invite")
    assert Visitor(market).get(path_of(link)).h1 == "Sign up"


def test_a_reset_is_for_an_id_or_an_email_and_ends_the_link_before(
    market: Any, command: Command
) -> None:
    worker_id = add_person(market)
    (first,) = command("reset", worker_id)
    (second,) = command("reset", "ann@example.org")
    assert Visitor(market).get(path_of(first)).status == 404
    assert Visitor(market).get(path_of(second)).status == 200


def test_data_is_exported_and_erased(market: Any, command: Command) -> None:
    worker_id = add_person(market)
    content = json.loads("\n".join(command("export", worker_id)))
    assert content["login"][0]["name"] == "Ann"
    command("erase", worker_id)
    assert json.loads("\n".join(command("export", worker_id)))["login"] == []


def test_a_closed_login_gets_no_new_link(market: Any, command: Command) -> None:
    worker_id = add_person(market)
    command("close", worker_id)
    with pytest.raises(MarketplaceError, match="was closed"):
        command("reset", worker_id)


@pytest.mark.parametrize(
    ("tokens", "named"),
    [
        (("add",), "--email"),
        (("add", "--email", "ann@example.org"), "--name"),
        (("add", "worker"), "WORKER_ID"),
        (("add", "A1", "--email", "a@b.org", "--name", "Ann"), "WORKER_ID"),
        (("add", "--email", "ann", "--name", "Ann"), "--email"),
        (("add", "--email", "a@b.org", "--name", "Ann", "--country", "Germany"), "--country"),
    ],
)
def test_a_senseless_worker_is_refused(
    command: Command, tokens: tuple[str, ...], named: str
) -> None:
    with pytest.raises(InvalidSettings, match=named):
        command(*tokens)


def test_a_master_is_named_and_unnamed_by_the_operator(market: Any, command: Command) -> None:
    asked_for = [{"QualificationTypeId": "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", "Comparator": "Exists"}]
    command("add", "AMASTER")

    assert command("master", "AMASTER") == ["AMASTER is a Master."]
    first = market.create_hit(QualificationRequirements=asked_for)["HITId"]
    assert market.accept(first, "AMASTER")

    assert command("master", "AMASTER", "--end") == ["AMASTER is no longer a Master."]
    second = market.create_hit(QualificationRequirements=asked_for)["HITId"]
    with pytest.raises(MarketplaceError, match=r"2F1QJWKUDD8XADTFD2Q0G6UTO95ALH|Masters"):
        market.accept(second, "AMASTER")
