"""What a HIT asks a crowd, as its template declares in `data-crowd-*` attributes."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree, html

from marketplace.frames.question import InvalidQuestion, parse

HTML_CONTENT = (
    "{http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2011-11-11/HTMLQuestion.xsd}"
    "HTMLContent"
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question of a HIT: an element with `data-crowd-set` and `data-crowd-task`."""

    set: str
    """Which of the script's sets maps recorded labels to answers."""
    task: str
    """Whose recorded answers are given."""
    field: str
    """The form field to answer: `data-crowd-field`, without it the set's name."""


def asked_in(question: str) -> tuple[Asked, ...]:
    """The questions that an HTMLQuestion asks the recorded crowd, in document order.

    Empty for an ExternalQuestion, a QuestionForm, unreadable XML, or a page that declares none.
    """
    page = page_of(question)
    elements = () if page is None else page.xpath("//*[@data-crowd-set and @data-crowd-task]")
    return tuple(
        Asked(
            set=element.get("data-crowd-set"),
            task=element.get("data-crowd-task"),
            field=element.get("data-crowd-field") or element.get("data-crowd-set"),
        )
        for element in elements
    )


def page_of(question: str) -> html.HtmlElement | None:
    """The page of an HTMLQuestion; None for other questions, unreadable XML, or an empty page."""
    return _page(_html_content(question))


def root_of(question: str) -> etree._Element | None:
    """The root of a question's XML, without entities; None if it cannot be read."""
    try:
        return parse(question)
    except InvalidQuestion:
        return None


def _html_content(question: str) -> str:
    root = root_of(question)
    return "" if root is None else root.findtext(HTML_CONTENT) or ""


def _page(content: str) -> html.HtmlElement | None:
    try:
        parser = html.HTMLParser(encoding="utf-8")
        return html.document_fromstring(content.encode(), parser=parser)
    except etree.ParserError:  # an empty page
        return None
