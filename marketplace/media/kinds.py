"""Which files are media: those whose first bytes are what their name promises.

SVG is left out: it is a document that can carry script, and would run in our own origin.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

HEAD = 64  # bytes that suffice to know any kind below

Recognise = Callable[[bytes], bool]

STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")  # ISO files of pictures


def _starts(*signatures: bytes) -> Recognise:
    return lambda head: head.startswith(signatures)


def _riff(form: bytes) -> Recognise:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _is_mp3(head: bytes) -> bool:
    """A tag, or the header of an MPEG audio frame of layer III."""
    if head.startswith(b"ID3"):
        return True
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and bitrate != 15 and rate != 3


def _is_iso(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] not in STILL_BRANDS


def _is_webm(head: bytes) -> bool:
    return head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head


KINDS: dict[str, tuple[str, Recognise]] = {
    ".png": ("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    ".jpg": ("image/jpeg", _starts(b"\xff\xd8\xff")),
    ".jpeg": ("image/jpeg", _starts(b"\xff\xd8\xff")),
    ".gif": ("image/gif", _starts(b"GIF87a", b"GIF89a")),
    ".webp": ("image/webp", _riff(b"WEBP")),
    ".wav": ("audio/wav", _riff(b"WAVE")),
    ".mp3": ("audio/mpeg", _is_mp3),
    ".ogg": ("audio/ogg", _starts(b"OggS")),
    ".m4a": ("audio/mp4", _is_iso),
    ".flac": ("audio/flac", _starts(b"fLaC")),
    ".mp4": ("video/mp4", _is_iso),
    ".webm": ("video/webm", _is_webm),
}
"""By the name's ending, in lower case: the type to serve it as, and how its first bytes look."""


def is_promised(name: str) -> bool:
    """Whether the name says that it is one of the kinds that are served."""
    return _ending(name) in KINDS


def content_type(name: str, head: bytes) -> str | None:
    """The type to serve the file as; None where its first bytes are not what its name promises."""
    type_, recognise = KINDS[_ending(name)]
    return type_ if recognise(head) else None


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
