"""Question XML, read once for everybody: whoever checks it, serves it, or shows it as a form."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from marketplace.engine import hostile_xml
from marketplace.errors import MarketplaceError

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/"
HTML_QUESTION = f"{{{SCHEMAS}2011-11-11/HTMLQuestion.xsd}}"
EXTERNAL_QUESTION = f"{{{SCHEMAS}2006-07-14/ExternalQuestion.xsd}}"
QUESTION_FORMS = (
    f"{{{SCHEMAS}2017-11-06/QuestionForm.xsd}}",
    f"{{{SCHEMAS}2005-10-01/QuestionForm.xsd}}",
)


class InvalidQuestion(MarketplaceError):
    """The question XML is not what its schema asks for; the message says where."""


@dataclass(frozen=True, kw_only=True)
class HtmlQuestion:
    """A page of the requester's own; `frame_height` is pixels, 0 for as tall as it needs."""

    content: str
    frame_height: int


@dataclass(frozen=True, kw_only=True)
class ExternalQuestion:
    """A page on the requester's own server; `frame_height` is pixels, 0 for the window's."""

    url: str
    frame_height: int


def parse(question: str) -> etree._Element:
    """The root of the XML, without any entity expanded or address fetched.

    Raises `InvalidQuestion` for what is too long, not well-formed, or brings a DOCTYPE.
    """
    try:
        return hostile_xml.parsed(question)
    except ValueError as error:
        raise InvalidQuestion(str(error)) from error


def page_of(root: etree._Element) -> HtmlQuestion | ExternalQuestion | None:
    """The HTMLQuestion or ExternalQuestion, None for any other root.

    Raises `InvalidQuestion` where a part is missing, doubled or of the wrong type.
    """
    if root.tag == f"{HTML_QUESTION}HTMLQuestion":
        content, height = _parts(root, HTML_QUESTION, "HTMLContent")
        return HtmlQuestion(content=content, frame_height=height)
    if root.tag == f"{EXTERNAL_QUESTION}ExternalQuestion":
        url, height = _parts(root, EXTERNAL_QUESTION, "ExternalURL")
        return ExternalQuestion(url=url.strip(), frame_height=height)
    return None


def _parts(root: etree._Element, namespace: str, first: str) -> tuple[str, int]:
    wanted = [f"{namespace}{first}", f"{namespace}FrameHeight"]
    found = [child for child in root if isinstance(child.tag, str)]
    if [child.tag for child in found] != wanted or any(len(child) for child in found):
        raise InvalidQuestion(
            f"the {etree.QName(root).localname} needs exactly one {first} and then exactly one "
            "FrameHeight, with text alone in them"
        )
    content, height = (child.text or "" for child in found)
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", height.strip()):
        raise InvalidQuestion(f"FrameHeight '{height.strip()}' is not an integer")
    return content, int(height)
