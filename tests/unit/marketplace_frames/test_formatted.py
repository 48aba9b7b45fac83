"""Formatted content as it is shown, should a bad one ever have got past the check."""

from __future__ import annotations

import pytest

from marketplace.frames import formatted


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("I <i>love</i> it!<br/>&nbsp;", "I <i>love</i> it!<br>\u00a0"),
        ("<p onclick='x()'>a</p>", "<p>a</p>"),
        ("a<script>alert(1)</script>b", "ab"),
        ("<b>a<script>x</script>b</b>", "<b>ab</b>"),
        ("<a href='javascript:x()'>a</a>", "<a>a</a>"),
        ("<a href=' JavaScript:x()'>a</a>", "<a>a</a>"),
        ("<img src='data:text/html,x' alt='a'/>", '<img alt="a">'),
        ("<svg><a href='https://x'/></svg>", ""),
        ("<!-- x --><b>a</b>", "<b>a</b>"),
        (
            "<style>p {}</style><table border='1'><tr><td bgcolor='red'>1</td></tr></table>",
            '<table border="1"><tr><td bgcolor="red">1</td></tr></table>',
        ),
        ("not <closed", "<p>not &lt;closed</p>"),
        ("&lt;script&gt;", "&lt;script&gt;"),
    ],
)
def test_only_what_is_on_the_list_is_shown(content: str, html: str) -> None:
    assert str(formatted.shown(content)) == html
