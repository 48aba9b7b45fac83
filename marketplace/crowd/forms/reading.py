"""Reading what a HIT's question asks for, whichever way it asks."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import html

from marketplace.crowd.forms.crowd_elements import crowd_fields
from marketplace.crowd.forms.html_fields import hidden_values, html_fields
from marketplace.crowd.forms.model import Form
from marketplace.crowd.forms.question_form import question_form
from marketplace.crowd.questions import page_of

LONGEST_MARK = 200  # characters; what is longer is no key


def form_of(question: str) -> Form | None:
    """The form of an HTMLQuestion or a QuestionForm; None where nothing can be read.

    An ExternalQuestion's page lies elsewhere, so its form cannot be read.
    """
    page = page_of(question)
    if page is None:
        return question_form(question)
    crowd_form = page.find(".//crowd-form")
    if crowd_form is not None:
        fields = (*crowd_fields(crowd_form), *html_fields(crowd_form))
        style, inside = "crowd", crowd_form
    else:
        forms = page.findall(".//form")
        inside = forms[0] if forms else page
        fields, style = tuple(html_fields(inside)), "html"
    return Form(
        fields=fields,
        style="crowd" if style == "crowd" else "html",
        hidden=hidden_values(inside),
        marks=frozenset(_marks(page)),
    )


def _marks(page: html.HtmlElement) -> Iterator[str]:
    for element in page.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style"):
            continue
        for text in (*element.attrib.values(), element.text, element.tail):
            mark = (text or "").strip()
            if mark and len(mark) <= LONGEST_MARK:
                yield mark
