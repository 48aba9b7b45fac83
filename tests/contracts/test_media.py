"""Media of requesters: taken in from folders, served to whichever frame asks."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from marketplace.cli import app
from marketplace.errors import InvalidMediaFolder
from marketplace.media.intake import add_folder, remove

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(92))
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(1000)
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SAMPLES = {
    "a.png": (PNG, "image/png"),
    "a.jpg": (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
    "a.JPEG": (b"\xff\xd8\xff\xe1" + bytes(20), "image/jpeg"),
    "a.gif": (b"GIF89a" + bytes(20), "image/gif"),
    "a.webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
    "a.wav": (WAV, "audio/wav"),
    "tagged.mp3": (b"ID3\x04" + bytes(20), "audio/mpeg"),
    "bare.mp3": (b"\xff\xfb\x90\x64" + bytes(20), "audio/mpeg"),
    "a.ogg": (b"OggS" + bytes(20), "audio/ogg"),
    "a.m4a": (b"\x00\x00\x00\x20ftypM4A " + bytes(20), "audio/mp4"),
    "a.flac": (b"fLaC" + bytes(20), "audio/flac"),
    "a.mp4": (b"\x00\x00\x00\x18ftypmp42" + bytes(20), "video/mp4"),
    "a.webm": (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(20), "video/webm"),
}


@pytest.fixture
def market(open_market: Callable[..., Any], tmp_path: Path) -> Any:
    return open_market(media_folder=tmp_path / "media", media_largest=2000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    return place


def requester_of(market: Any, name: str = "lab") -> str:
    from marketplace.engine import requesters

    with market.engine.look() as tx:
        return requesters.named(tx, name).requester_id


def add(market: Any, folder: Path, files: Mapping[str, bytes] | None = None) -> Any:
    for name, content in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return add_folder(market.engine, requester_of(market), folder)


def only_address(market: Any, folder: Path, name: str = "a.png", content: bytes = PNG) -> str:
    (medium,) = add(market, folder, {name: content}).added
    return f"{market.url}{medium.address}"


def test_each_kind_is_served_as_what_it_is(market: Any, folder: Path) -> None:
    report = add(market, folder, {name: content for name, (content, _) in SAMPLES.items()})
    answers = {medium.name: httpx.get(market.url + medium.address) for medium in report.added}
    served = {name: (got.content, got.headers["content-type"]) for name, got in answers.items()}
    assert served == SAMPLES


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.png", HTML, "not what its name's ending says"),
        ("a.png", b"", "not what its name's ending says"),
        ("a.jpg", PNG, "not what its name's ending says"),
        ("a.webp", WAV, "not what its name's ending says"),
        ("a.mp3", b"\xff\xff\xff\xff", "not what its name's ending says"),
        ("a.mp4", b"\x00\x00\x00\x18ftypavif", "not what its name's ending says"),
        ("a.wav", WAV + bytes(2000), "larger than 2000 bytes"),
        ("line\nbreak.png", PNG, "control characters"),
        ("/".join(["deep" * 16] * 4) + ".png", PNG, "longer than 255 characters"),
    ],
)
def test_a_file_that_cannot_be_served_is_refused_with_the_reason(
    market: Any, folder: Path, name: str, content: bytes, reason: str
) -> None:
    report = add(market, folder, {name: content})
    assert report.added == []
    assert list(report.refused) == [name]
    assert [path for path in market.settings.media_folder.rglob("*") if path.is_file()] == []
    assert reason in report.refused[name]


@pytest.mark.parametrize("name", ["a.svg", "a.html", "notes.txt", "a", "a.png.exe"])
def test_a_file_of_another_kind_is_left_out(market: Any, folder: Path, name: str) -> None:
    report = add(market, folder, {name: b"<svg/>"})
    assert (report.added, report.refused, list(report.left_out)) == ([], {}, [name])


def test_hidden_files_links_pipes_and_undecodable_names_stay_outside(
    market: Any, folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(PNG)
    (folder / "link.png").symlink_to(outside / "secret.png")
    (folder / "linked").symlink_to(outside)
    os.mkfifo(folder / "pipe.png")
    (folder / os.fsdecode(b"caf\xe9.png")).write_bytes(PNG)
    report = add(market, folder, {".hidden.png": PNG, ".git/a.png": PNG})
    assert report.added == []
    assert sorted(report.left_out) == ["link.png", "linked"]
    assert report.refused == {
        "caf\\udce9.png": "its name is not UTF-8",
        "pipe.png": "it is no regular file",
    }


@pytest.mark.parametrize("name", ["two words.png", "día/ÿ 猫.png", "50%#1?.png", "a&b'\"<i>.png"])
def test_odd_names_have_addresses_that_lead_to_them(market: Any, folder: Path, name: str) -> None:
    address = only_address(market, folder, name)
    assert address.isascii()
    assert " " not in address
    assert httpx.get(address).content == PNG


def test_a_decomposed_name_is_stored_composed(market: Any, folder: Path) -> None:
    (medium,) = add(market, folder, {"cafe\u0301.png": PNG}).added
    assert medium.name == "caf\u00e9.png"


def test_no_folder_is_an_error_that_says_so(market: Any, folder: Path) -> None:
    with pytest.raises(InvalidMediaFolder, match="is no folder"):
        add(market, folder / "none")


@pytest.mark.parametrize(
    ("asked", "status", "content_range", "content"),
    [
        ("bytes=0-3", 206, "bytes 0-3/100", PNG[:4]),
        ("bytes=90-", 206, "bytes 90-99/100", PNG[90:]),
        ("bytes=-5", 206, "bytes 95-99/100", PNG[-5:]),
        ("bytes=90-500", 206, "bytes 90-99/100", PNG[90:]),
        ("bytes=100-", 416, "bytes */100", b""),
        (None, 200, None, PNG),
    ],
)
def test_sound_and_film_can_be_wound_to_any_place(
    market: Any,
    folder: Path,
    asked: str | None,
    status: int,
    content_range: str | None,
    content: bytes,
) -> None:
    got = httpx.get(only_address(market, folder), headers={"Range": asked} if asked else {})
    assert (got.status_code, got.headers.get("content-range")) == (status, content_range)
    assert got.content == content
    if status != 416:
        assert got.headers["accept-ranges"] == "bytes"


def test_many_ranges_at_once_cost_no_more_than_the_file(market: Any, folder: Path) -> None:
    ranges = "bytes=" + ",".join(["0-99"] * 2000)
    got = httpx.get(only_address(market, folder), headers={"Range": ranges})
    assert len(got.content) <= 200


def test_media_can_be_kept_for_ever_and_drawn_on_a_canvas(market: Any, folder: Path) -> None:
    got = httpx.get(only_address(market, folder), headers={"Origin": "null"})
    assert got.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert "set-cookie" not in got.headers


def test_a_browser_that_has_a_file_is_told_so(market: Any, folder: Path) -> None:
    address = only_address(market, folder)
    tag = httpx.get(address).headers["etag"]
    again = httpx.get(address, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    assert httpx.head(address).headers["content-length"] == "100"


def test_a_script_may_ask_before_it_asks_for_a_part(market: Any, folder: Path) -> None:
    got = httpx.options(only_address(market, folder))
    assert (got.status_code, got.headers["access-control-allow-headers"]) == (
        204,
        "Range, If-Range, If-None-Match",
    )


@pytest.mark.parametrize(
    "path",
    [
        "/media/",
        "/media/{token}",
        "/media/{token}/",
        "/media/{token}/b.png",
        "/media/{token}/../{token}/b.png",
        "/media/{token}/..%2f..%2f..%2fetc/passwd",
        "/media/{token}/%2e%2e/%2e%2e/market.db",
        "/media/{token}/a.png%00",
        "/media/{token}/a.png/",
        "/media/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/a.png",
        "/media/%00/a.png",
    ],
)
def test_nothing_is_found_by_guessing(market: Any, folder: Path, path: str) -> None:
    token = urlsplit(only_address(market, folder)).path.split("/")[2]
    assert len(token) == 32
    got = httpx.get(market.url + path.format(token=token), follow_redirects=True)
    assert got.status_code == 404


def test_adding_again_keeps_the_addresses_and_copies_nothing(market: Any, folder: Path) -> None:
    before = only_address(market, folder)
    stored = [path for path in market.settings.media_folder.rglob("*") if path.is_file()]
    times = [path.stat().st_mtime_ns for path in stored]
    assert only_address(market, folder) == before
    assert [path.stat().st_mtime_ns for path in stored] == times
    assert len(stored) == 1


def test_a_changed_file_gets_another_address_and_the_first_goes_on(
    market: Any, folder: Path
) -> None:
    first = only_address(market, folder)
    changed = PNG + b"!"
    second = only_address(market, folder, content=changed)
    assert second != first
    assert [httpx.get(address).content for address in (first, second)] == [PNG, changed]
    assert only_address(market, folder) == first


def test_what_a_killed_command_left_behind_is_swept_away_after_a_day(
    market: Any, folder: Path
) -> None:
    incoming = market.settings.media_folder / "incoming"
    incoming.mkdir(parents=True)
    wall = market.clock.wall().timestamp()
    for name, age in (("old", 86_401), ("new", 86_399)):
        (incoming / name).write_bytes(PNG)
        os.utime(incoming / name, (wall - age, wall - age))
    add(market, folder, {"a.png": PNG})
    assert [path.name for path in incoming.iterdir()] == ["new"]


def test_media_lie_beside_an_sqlite_database_if_nowhere_else(
    open_market: Callable[..., Any], folder: Path
) -> None:
    market = open_market()
    address = only_address(market, folder)
    if market.store.file is not None:
        assert Path(f"{market.store.file}.media").is_dir()
        assert httpx.get(address).content == PNG


def test_one_content_under_two_names_is_stored_once(market: Any, folder: Path) -> None:
    report = add(market, folder, {"a.png": PNG, "b.png": PNG})
    assert len({medium.token for medium in report.added}) == 2
    stored = [path for path in market.settings.media_folder.rglob("*") if path.is_file()]
    assert [path.name for path in stored] == [report.added[0].sha256]


def test_a_removed_name_is_gone_and_its_content_when_nobody_needs_it(
    market: Any, folder: Path
) -> None:
    report = add(market, folder, {"a.png": PNG, "b.png": PNG})
    content = market.settings.media_folder / report.added[0].sha256[:2] / report.added[0].sha256
    remove(market.engine, requester_of(market), ["a.png"])
    assert [httpx.get(market.url + one.address).status_code for one in report.added] == [404, 200]
    assert content.exists()
    remove(market.engine, requester_of(market), None)
    assert not content.exists()


def test_a_requester_cannot_remove_anothers_media(market: Any, folder: Path) -> None:
    address = only_address(market, folder)
    market.add_requester("other")
    assert remove(market.engine, requester_of(market, "other"), ["a.png"]) == []
    assert httpx.get(address).status_code == 200


def test_a_content_that_is_missing_is_not_found_and_comes_back_when_added(
    market: Any, folder: Path
) -> None:
    address = only_address(market, folder)
    (stored,) = [path for path in market.settings.media_folder.rglob("*") if path.is_file()]
    stored.unlink()
    assert httpx.get(address).status_code == 404
    assert only_address(market, folder) == address
    assert httpx.get(address).content == PNG


def command(market: Any, *words: str) -> int:
    """The exit code of a command on the market's database."""
    result = app([*words, "--database", market.database], result_action="return_value")
    return result or 0


def test_the_commands_add_list_and_remove(
    market: Any,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MARKETPLACE_MEDIA_FOLDER", str(market.settings.media_folder))
    (folder / "a b.png").write_bytes(PNG)
    (folder / "notes.txt").write_text("x")
    items = tmp_path / "items.csv"
    given = ["media", "add", str(folder), "--requester", "lab", "--public-url", market.url]
    assert command(market, *given, "--csv", str(items)) == 0
    assert "left out: notes.txt" in capsys.readouterr().err
    (row,) = csv.DictReader(items.open(encoding="utf-8"))
    assert row["name"] == "a b.png"
    assert httpx.get(row["url"]).content == PNG

    assert command(market, "media", "list", "--requester", "lab") == 0
    listed = capsys.readouterr()
    assert listed.out == f"a b.png\t{urlsplit(row['url']).path}\timage/png\t100\n"
    assert "relative to the service" in listed.err

    (folder / "bad.png").write_bytes(HTML)
    assert command(market, *given) == 1
    assert "refused: bad.png" in capsys.readouterr().err
    assert command(market, "media", "remove", "a b.png", "none", "--requester", "lab") == 1
    assert httpx.get(row["url"]).status_code == 404
