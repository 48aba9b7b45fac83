"""Templates as they come, made to submit here: MTurk's addresses replaced, one script put in.

Everything else stays as it is, character by character. Addresses that a template computes while it
runs are the script's business (`static/frame.js`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markupsafe import Markup

ASSETS = "/frames/assets"
SCHEME = r"(?:https?:)?(?:\\?/){2}"
SUBMIT = re.compile(
    SCHEME + r"(?:www|worker|workersandbox|requester|requestersandbox)\.mturk\.com(?::\d+)?"
    r"(?:\\?/)+mturk\\?/externalSubmit",
    re.IGNORECASE,
)
# Not any "/mturk/externalSubmit": scripts join that to the host they were given.
RELATIVE = re.compile(
    r"""(\baction\s*=\s*)(["']?)/+mturk/externalSubmit(?=["'\s>?;])""", re.IGNORECASE
)
SCRIPTS = {
    "externalHIT_v1.js": (
        "externalhit_v1",
        re.compile(
            SCHEME + r"(?:s3\.amazonaws\.com/mturk-public|mturk-public\.s3\.amazonaws\.com)"
            r"/externalHIT_v1\.js",
            re.IGNORECASE,
        ),
    ),
    "crowd-html-elements.js": (
        "assets.crowd.aws",
        re.compile(SCHEME + r"assets\.crowd\.aws/crowd-html-elements[\w.-]*\.js", re.IGNORECASE),
    ),
}
QUOTED = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
PROLOGUE = re.compile(
    rf"\ufeff?(?:\s+|<!--.*?-->|<\?.*?>|<!doctype{QUOTED}>|<html(?:\s{QUOTED})?>"
    rf"|<head(?:\s{QUOTED})?>)*",
    re.IGNORECASE | re.DOTALL,
)
SCRIPT_TAG = Markup(
    '<script src="{base}{assets}/frame.js" data-submit="{submit}" data-fit="{fit}"></script>'
)


class Addresses(NamedTuple):
    """Where a frame's page finds us: `base` is scheme://host, `submit` where answers go."""

    base: str
    submit: str


def rewritten(content: str, addresses: Addresses, *, fit: bool) -> str:
    """The page as it is served; with `fit` the frame is to be as tall as the page."""
    # A plain look first: the patterns take milliseconds on a page that has none of the addresses.
    there = content.lower()
    if "externalsubmit" in there:
        content = SUBMIT.sub(lambda _: addresses.submit, content)
        content = RELATIVE.sub(lambda found: f"{found[1]}{found[2]}{addresses.submit}", content)
    for name, (word, address) in SCRIPTS.items():
        if word in there:
            content = address.sub(f"{addresses.base}{ASSETS}/{name}", content)
    tag = SCRIPT_TAG.format(
        base=addresses.base, assets=ASSETS, submit=addresses.submit, fit=str(fit).lower()
    )
    # Before any script of the template, after what must come first in a page.
    start = PROLOGUE.match(content)
    at = start.end() if start else 0
    return f"{content[:at]}{tag}{content[at:]}"
