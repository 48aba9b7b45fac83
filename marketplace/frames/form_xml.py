"""QuestionForm XML read into its nouns, and refused where it breaks MTurk's schema.

The order and number of elements are those of the schema of 2017-11-06, which takes overviews and
questions in any order. FileUploadAnswer and Application went in 2017.
"""

from __future__ import annotations

from lxml import etree

from marketplace.frames import formatted
from marketplace.frames.elements import Sequence, attribute, boolean, number, text
from marketplace.frames.question import QUESTION_FORMS, InvalidQuestion, parse
from marketplace.frames.question_form import (
    MEDIA,
    STYLES,
    Content,
    FreeText,
    Items,
    Media,
    Option,
    Overview,
    Pattern,
    Question,
    QuestionForm,
    Selection,
    Text,
)

GONE = {"FileUploadAnswer", "Application"}
DEFAULT_ERROR = "Invalid input supplied."  # of MTurk, where a pattern brings no words of its own


def read(question: str) -> QuestionForm:
    """The form that the XML describes; raises `InvalidQuestion`."""
    return form_of(parse(question))


def form_of(root: etree._Element) -> QuestionForm:
    """The form under a QuestionForm element; raises `InvalidQuestion`, which names the place."""
    if root.tag not in {f"{namespace}QuestionForm" for namespace in QUESTION_FORMS}:
        raise InvalidQuestion(f"cannot find the declaration of element '{root.tag}'")
    parts: list[Overview | Question] = []
    children = Sequence(root)
    while not children.over:
        if (overview := children.optional("Overview")) is not None:
            parts.append(Overview(content=_contents(overview)))
        else:
            parts.append(_question(children.one("Question")))
    form = QuestionForm(parts=tuple(parts))
    if not form.questions:
        raise InvalidQuestion("a QuestionForm needs at least one Question")
    _refuse_doubles([question.identifier for question in form.questions], "QuestionIdentifier")
    return form


def _question(element: etree._Element) -> Question:
    children = Sequence(element)
    identifier = text(children.one("QuestionIdentifier"))
    name = children.optional("DisplayName")
    required = children.optional("IsRequired")
    content = _contents(children.one("QuestionContent"))
    answer = _answer(children.one("AnswerSpecification"))
    children.end()
    return Question(
        identifier=identifier,
        name=None if name is None else text(name),
        required=required is not None and boolean(required),
        content=content,
        answer=answer,
    )


def _contents(element: etree._Element) -> tuple[Content, ...]:
    children = Sequence(element)
    found: list[Content] = []
    while not children.over or not found:
        found.append(_content(children.any()))
    return tuple(found)


def _content(element: etree._Element) -> Content:
    match etree.QName(element).localname:
        case "Title":
            return Text(kind="Title", text=text(element))
        case "Text":
            return Text(kind="Text", text=text(element))
        case "FormattedContent":
            content = text(element)
            formatted.check(content)
            return Text(kind="FormattedContent", text=content)
        case "List":
            children = Sequence(element)
            items = tuple(text(item) for item in children.many("ListItem"))
            children.end()
            return Items(items=items)
        case "Binary":
            return _media(element, "MimeType")
        case "EmbeddedBinary":
            return _media(element, "EmbeddedMimeType")
        case name:
            raise _unknown(name, element)


def _media(element: etree._Element, mime_type: str) -> Media:
    children = Sequence(element)
    kinds = Sequence(children.one(mime_type))
    kind = text(kinds.one("Type"))
    subtype = kinds.optional("SubType")
    kinds.end()
    if kind not in MEDIA:
        raise InvalidQuestion(f"Type '{kind}' is none of {', '.join(MEDIA)}")
    url = text(children.one("DataURL")).strip()
    if not url.startswith(("http://", "https://")):
        raise InvalidQuestion(f"DataURL '{url}' is no http or https address")
    alt = text(children.one("AltText"))
    width = height = None
    if mime_type == "EmbeddedMimeType":
        width, height = text(children.one("Width")), text(children.one("Height"))
        while (parameter := children.optional("ApplicationParameter")) is not None:
            pair = Sequence(parameter)
            pair.one("Name"), pair.one("Value")
            pair.end()
    children.end()
    given = None if subtype is None else text(subtype)
    return Media(media=kind, subtype=given, url=url, alt=alt, width=width, height=height)


def _answer(element: etree._Element) -> FreeText | Selection:
    children = Sequence(element)
    answer = children.any()
    children.end()
    match etree.QName(answer).localname:
        case "FreeTextAnswer":
            return _free_text(answer)
        case "SelectionAnswer":
            return _selection(answer)
        case name:
            raise _unknown(name, answer)


def _free_text(element: etree._Element) -> FreeText:
    children = Sequence(element)
    constraints = children.optional("Constraints")
    default = children.optional("DefaultText")
    lines = children.optional("NumberOfLinesSuggestion")
    children.end()
    rules = Sequence(constraints) if constraints is not None else None
    numeric = rules.optional("IsNumeric") if rules else None
    length = rules.optional("Length") if rules else None
    patterns: list[Pattern] = []
    while rules and not rules.over:
        patterns.append(_pattern(rules.one("AnswerFormatRegex")))
    return FreeText(
        numeric=numeric is not None,
        min_value=attribute(numeric, "minValue"),
        max_value=attribute(numeric, "maxValue"),
        min_length=attribute(length, "minLength", least=0),
        max_length=attribute(length, "maxLength", least=1),
        patterns=tuple(patterns),
        default="" if default is None else text(default),
        lines=1 if lines is None else number(lines, least=1),
    )


def _pattern(element: etree._Element) -> Pattern:
    regex, flags = element.get("regex"), element.get("flags", "")
    if regex is None:
        raise InvalidQuestion("AnswerFormatRegex needs the attribute regex")
    if flags not in {"", "i"}:
        raise InvalidQuestion(f"AnswerFormatRegex: flags '{flags}' is not 'i'")
    return Pattern(regex=regex, flags=flags, error=element.get("errorText") or DEFAULT_ERROR)


def _selection(element: etree._Element) -> Selection:
    children = Sequence(element)
    least, most = children.optional("MinSelectionCount"), children.optional("MaxSelectionCount")
    style = children.optional("StyleSuggestion")
    if style is not None and text(style) not in STYLES:
        raise InvalidQuestion(f"StyleSuggestion '{text(style)}' is none of {', '.join(STYLES)}")
    choices = Sequence(children.one("Selections"))
    children.end()
    options = tuple(_option(option) for option in choices.many("Selection"))
    other = choices.optional("OtherSelection")
    choices.end()
    _refuse_doubles([option.identifier for option in options], "SelectionIdentifier")
    return Selection(
        least=1 if least is None else number(least, least=0),
        most=1 if most is None else number(most, least=1),
        style=None if style is None else text(style),
        options=options,
        other=None if other is None else _free_text(other),
    )


def _option(element: etree._Element) -> Option:
    children = Sequence(element)
    identifier = text(children.one("SelectionIdentifier"))
    content = children.any()
    children.end()
    name = etree.QName(content).localname
    if name not in {"Text", "FormattedContent", "Binary"}:
        raise _unknown(name, content)
    return Option(identifier=identifier, content=_content(content))


def _refuse_doubles(identifiers: list[str], name: str) -> None:
    for identifier in identifiers:
        if identifiers.count(identifier) > 1:
            raise InvalidQuestion(f"{name} '{identifier}' is there twice")


def _unknown(name: str, element: etree._Element) -> InvalidQuestion:
    if name in GONE:
        return InvalidQuestion(f"the {name} element is no longer supported")
    parent = element.getparent()
    inside = "" if parent is None else f" inside '{etree.QName(parent).localname}'"
    return InvalidQuestion(f"the element '{name}' is not allowed{inside}")
