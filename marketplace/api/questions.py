"""Question XML, as far as MTurk checked it before it posted a HIT or made a test."""

from __future__ import annotations

from urllib.parse import urlsplit

from lxml import etree, html

from marketplace.errors import ParameterValidationError
from marketplace.frames import form_xml
from marketplace.frames.question import (
    ExternalQuestion,
    HtmlQuestion,
    InvalidQuestion,
    page_of,
    parse,
)

MOST_BYTES = 65_535
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check(question: str) -> None:
    """Refuse what is too long, not well-formed, of an unknown schema, or against its schema."""
    _check_size(question, "Question")
    try:
        root = parse(question)
        page = page_of(root)
        if page is None:
            form_xml.form_of(root)
    except InvalidQuestion as error:
        raise _bad_xml(str(error)) from error
    if isinstance(page, HtmlQuestion):
        _check_html(page.content)
    elif isinstance(page, ExternalQuestion):
        _check_url(page.url)


def check_test(test: str) -> None:
    """Refuse what `check` refuses, and anything but a QuestionForm: a test can be nothing else."""
    _check_size(test, "Test")
    try:
        form_xml.read(test)
    except InvalidQuestion as error:
        raise _bad_xml(str(error)) from error


def _check_size(question: str, name: str) -> None:
    if len(question.encode()) > MOST_BYTES:
        raise ParameterValidationError(
            f"The {name} is longer than the {MOST_BYTES} bytes that are allowed."
        )


def _check_html(content: str) -> None:
    try:
        document = html.document_fromstring(content.encode()) if content.strip() else None
    except etree.LxmlError:
        document = None
    if document is None or not any(
        isinstance(element.tag, str) for element in document.iterdescendants()
    ):
        raise ParameterValidationError(
            "There was an error parsing the HTML5 data in your request.  Please make sure the "
            "data is well-formed and validates as HTML5. Details: Errors: the HTMLContent is empty"
        )


def _check_url(address: str) -> None:
    try:
        url = urlsplit(address)
        allowed = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)
        named = bool(url.hostname)
    except ValueError:
        allowed = named = False
    if not allowed or not named:
        raise ParameterValidationError(
            f'The value "{address}" is not valid for the parameter ExternalURL: it must be an '
            "https address."
        )


def _bad_xml(details: str) -> ParameterValidationError:
    return ParameterValidationError(
        "There was an error parsing the XML question or answer data in your request.  Please make "
        "sure the data is well-formed and validates against the appropriate schema. "
        f"Details: {details}"
    )
