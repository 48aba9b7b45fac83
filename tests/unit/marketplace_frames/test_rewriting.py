"""Templates in the style of public ones: what is replaced, and that nothing else is."""

from __future__ import annotations

import pytest

from marketplace.frames.rewriting import Addresses, rewritten

BASE = "https://work.example"
SUBMIT = f"{BASE}/frames/page/PASS/mturk/externalSubmit"
TAG = (
    f'<script src="{BASE}/frames/assets/frame.js" data-submit="{SUBMIT}" data-fit="true"></script>'
)
HIT_SCRIPT = f"{BASE}/frames/assets/externalHIT_v1.js"
CROWD_SCRIPT = f"{BASE}/frames/assets/crowd-html-elements.js"

# name: (template, what is served); @ marks where the script tag comes, S the submit address.
TEMPLATES = {
    "the documentation's example": (
        "<!DOCTYPE html>\n<html>\n <head>\n  <script type='text/javascript' "
        "src='https://s3.amazonaws.com/mturk-public/externalHIT_v1.js'></script></head><body>"
        "<form name='mturk_form' method='post' id='mturk_form' "
        "action='https://www.mturk.com/mturk/externalSubmit'></form></body></html>",
        "<!DOCTYPE html>\n<html>\n <head>\n  @<script type='text/javascript' "
        f"src='{HIT_SCRIPT}'></script></head><body>"
        "<form name='mturk_form' method='post' id='mturk_form' action='S'></form></body></html>",
    ),
    "the sandbox, over http": (
        '<form action="http://workersandbox.mturk.com/mturk/externalSubmit" method="POST">',
        '@<form action="S" method="POST">',
    ),
    "without a scheme": (
        "<form action=//www.mturk.com/mturk/externalSubmit method=post>",
        "@<form action=S method=post>",
    ),
    "from the root": (
        '\n<html lang="en"><body><form action="/mturk/externalSubmit" method="post">',
        '\n<html lang="en">@<body><form action="S" method="post">',
    ),
    "doubled slashes": (
        '<form ACTION = "https://www.mturk.com//mturk/externalSubmit">',
        '@<form ACTION = "S">',
    ),
    "set by a script": (
        "<script>f.action = 'https://workersandbox.mturk.com/mturk/externalSubmit';</script>",
        "@<script>f.action = 'S';</script>",
    ),
    "escaped in a script": (
        r'<script>var u = "https:\/\/www.mturk.com\/mturk\/externalSubmit?" + q;</script>',
        '@<script>var u = "S?" + q;</script>',
    ),
    "joined to turkSubmitTo, which is right already": (
        "<script>f.action = gup('turkSubmitTo') + '/mturk/externalSubmit';</script>",
        "@<script>f.action = gup('turkSubmitTo') + '/mturk/externalSubmit';</script>",
    ),
    "chosen by the referrer": (
        "<script>if (document.referrer.indexOf('workersandbox') != -1) "
        'form.action = "http://workersandbox.mturk.com/mturk/externalSubmit";</script>',
        "@<script>if (document.referrer.indexOf('workersandbox') != -1) "
        'form.action = "S";</script>',
    ),
    "crowd elements, after a comment": (
        "<!-- You must include this > file -->\n"
        '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>\n'
        '<crowd-form answer-format="flatten-objects"></crowd-form>',
        "<!-- You must include this > file -->\n"
        f'@<script src="{CROWD_SCRIPT}"></script>\n'
        '<crowd-form answer-format="flatten-objects"></crowd-form>',
    ),
    "the script in the bucket's own host": (
        '<script src="//mturk-public.s3.amazonaws.com/externalHIT_v1.js"></script>',
        f'@<script src="{HIT_SCRIPT}"></script>',
    ),
    "nothing of MTurk's": (
        "<!doctype html><HTML data-x='>'><Head prefix=\"og: >\"><p>www.mturk.com is closed</p>",
        "<!doctype html><HTML data-x='>'><Head prefix=\"og: >\">@<p>www.mturk.com is closed</p>",
    ),
    "other addresses of MTurk's stay": (
        '<a href="https://www.mturk.com/worker/help">Help</a>\r\n<b>é\u00a0€</b>',
        '@<a href="https://www.mturk.com/worker/help">Help</a>\r\n<b>é\u00a0€</b>',
    ),
    "header is no head": ("<header>x</header>", "@<header>x</header>"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_addresses_are_replaced_and_the_rest_is_kept(name: str) -> None:
    template, served = TEMPLATES[name]
    expected = served.replace("S?", f"{SUBMIT}?").replace("@", TAG)
    for mark in ("'S'", '"S"', "=S "):
        expected = expected.replace(mark, mark.replace("S", SUBMIT))
    assert rewritten(template, Addresses(base=BASE, submit=SUBMIT), fit=True) == expected


@pytest.mark.parametrize(
    "opening", ["<!--" * 20_000, "<!doctype " + "'" * 40_001, "<html " * 20_000, " \n" * 30_000]
)
def test_a_hostile_beginning_takes_no_time(opening: str) -> None:
    """Nothing is tried twice: a page of the largest size is done in well under a second."""
    served = rewritten(opening, Addresses(base=BASE, submit=SUBMIT), fit=False)
    assert len(served) == len(opening) + len(TAG) + len("false") - len("true")
