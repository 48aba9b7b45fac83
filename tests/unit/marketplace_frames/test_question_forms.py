"""QuestionForms: which are refused, what is shown, and how answers are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from lxml import etree, html

from marketplace.api import questions
from marketplace.engine.answers import NAMESPACE
from marketplace.errors import ParameterValidationError
from marketplace.frames.forms import read_form, render_form
from marketplace.frames.question import SCHEMAS

PLAIN = "<Text>What?</Text>"
FREE = "<FreeTextAnswer/>"


def form(*parts: str, schema: str = "2017-11-06") -> str:
    return (
        f'<QuestionForm xmlns="{SCHEMAS}{schema}/QuestionForm.xsd">{"".join(parts)}</QuestionForm>'
    )


def question(
    answer: str = FREE, *, id: str = "q", content: str = PLAIN, required: str = "", name: str = ""
) -> str:
    middle = f"<DisplayName>{name}</DisplayName>" if name else ""
    middle += f"<IsRequired>{required}</IsRequired>" if required else ""
    return (
        f"<Question><QuestionIdentifier>{id}</QuestionIdentifier>{middle}"
        f"<QuestionContent>{content}</QuestionContent>"
        f"<AnswerSpecification>{answer}</AnswerSpecification></Question>"
    )


def free(constraints: str, rest: str = "") -> str:
    return f"<FreeTextAnswer><Constraints>{constraints}</Constraints>{rest}</FreeTextAnswer>"


def selection(before: str = "", other: str = "", options: Sequence[str] = ("a", "b", "c")) -> str:
    each = "".join(
        f"<Selection><SelectionIdentifier>{o}</SelectionIdentifier><Text>The {o}</Text></Selection>"
        for o in options
    )
    return f"<SelectionAnswer>{before}<Selections>{each}{other}</Selections></SelectionAnswer>"


BINARY = (
    "<Binary><MimeType><Type>image</Type><SubType>gif</SubType></MimeType>"
    "<DataURL>https://a.test/b.gif</DataURL><AltText>A board</AltText></Binary>"
)
EMBEDDED = (
    "<EmbeddedBinary><EmbeddedMimeType><Type>audio</Type><SubType>mp3</SubType></EmbeddedMimeType>"
    "<DataURL>https://a.test/b.mp3</DataURL><AltText>A song</AltText><Width>4</Width>"
    "<Height>3</Height></EmbeddedBinary>"
)


@pytest.mark.parametrize(
    "xml",
    [
        form(question()),
        form(question(), schema="2005-10-01"),
        form("<Overview><Title>T</Title></Overview>", question(), "<Overview><Text/></Overview>"),
        form(question(content=f"{BINARY}{EMBEDDED}<List><ListItem>x</ListItem></List>")),
        form(question(required="1"), question(selection(), id="r", required="false")),
        form(question(free('<IsNumeric minValue="-5"/><Length maxLength="9"/>'))),
        form(
            question(
                free('<AnswerFormatRegex regex="\\S"/><AnswerFormatRegex regex="a" flags="i"/>')
            )
        ),
        form(question(selection("<MinSelectionCount>0</MinSelectionCount>"))),
        form(question(selection(other="<OtherSelection/>"))),
        form(
            question(
                content="<FormattedContent><![CDATA[<p>a&nbsp;<b>b</b></p>]]></FormattedContent>"
            )
        ),
        '<?xml version="1.0" encoding="UTF-8"?><!-- hello -->' + form(question(), "<!-- x -->"),
    ],
)
def test_what_the_schema_allows_is_posted(xml: str) -> None:
    questions.check(xml)
    questions.check_test(xml)


REFUSED = {
    "no question": (form("<Overview><Text>x</Text></Overview>"), "at least one Question"),
    "another schema": (form(question(), schema="2016-01-01"), "cannot find the declaration"),
    "no identifier": (
        form(question().replace("<QuestionIdentifier>q</QuestionIdentifier>", "")),
        "'Question' needs 'QuestionIdentifier'",
    ),
    "the wrong order": (
        form(
            question(required="true", name="N")
            .replace("<DisplayName>N</DisplayName>", "", 1)
            .replace("</IsRequired>", "</IsRequired><DisplayName>N</DisplayName>")
        ),
        "needs 'QuestionContent' where it has 'DisplayName'",
    ),
    "no content": (form(question(content="")), "'QuestionContent' is not complete"),
    "a file": (form(question("<FileUploadAnswer/>")), "FileUploadAnswer element is no longer"),
    "an applet": (form(question(content="<Application/>")), "Application element is no longer"),
    "an unknown element": (form(question(content="<Video/>")), "'Video' is not allowed inside"),
    "a stranger's element": (
        form(question(content='<Text xmlns="urn:x">x</Text>')),
        "cannot find the declaration of element '{urn:x}Text'",
    ),
    "a flag that is none": (form(question(required="yes")), "IsRequired 'yes'"),
    "a style that is none": (
        form(question(selection("<StyleSuggestion>slider</StyleSuggestion>"))),
        "StyleSuggestion 'slider'",
    ),
    "no selections": (form(question(selection(options=()))), "'Selections' needs 'Selection'"),
    "a length below one": (form(question(free('<Length maxLength="0"/>'))), "maxLength '0'"),
    "constraints in another order": (
        form(question(free("<Length/><IsNumeric/>"))),
        "needs 'AnswerFormatRegex' where it has 'IsNumeric'",
    ),
    "a medium that is none": (
        form(question(content=BINARY.replace(">image<", ">smell<"))),
        "Type 'smell'",
    ),
    "an address of another kind": (
        form(question(content=BINARY.replace("https://a.test/b.gif", "javascript:alert(1)"))),
        "DataURL 'javascript:alert(1)'",
    ),
    "one identifier twice": (form(question(), question()), "QuestionIdentifier 'q' is there twice"),
    "one selection twice": (
        form(question(selection(options=("a", "a")))),
        "SelectionIdentifier 'a' is there twice",
    ),
    "text between": (form("hello", question()), "must not have text of its own"),
    "a script": (
        form(
            question(content="<FormattedContent>&lt;script&gt;&lt;/script&gt;</FormattedContent>")
        ),
        "the element 'script' is not allowed",
    ),
    "a style": (
        form(question(content='<FormattedContent>&lt;p style="x"/&gt;</FormattedContent>')),
        "the attribute 'style' is not allowed on 'p'",
    ),
    "an open tag": (
        form(
            question(content="<FormattedContent>&lt;b&gt;&lt;i&gt;x&lt;/b&gt;</FormattedContent>")
        ),
        "FormattedContent: Opening and ending tag mismatch",
    ),
    "a DOCTYPE": ("<!DOCTYPE x [<!ENTITY a 'b'>]>" + form(question()), "DOCTYPE is disallowed"),
    "not closed": ("<QuestionForm>", "Premature end of data"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_schema_does_not_allow_is_refused_with_its_name(case: str) -> None:
    xml, words = REFUSED[case]
    with pytest.raises(ParameterValidationError) as caught:
        questions.check(xml)
    assert caught.value.message.startswith("There was an error parsing the XML question")
    assert words in caught.value.message


@pytest.mark.parametrize("root", ["HTMLQuestion", "ExternalQuestion"])
def test_a_test_can_only_be_a_question_form(root: str) -> None:
    with pytest.raises(ParameterValidationError):
        questions.check_test(f'<{root} xmlns="{SCHEMAS}2011-11-11/HTMLQuestion.xsd"/>')


NUMBER = free('<IsNumeric minValue="100" maxValue="999"/>')
TWO = free('<Length minLength="2" maxLength="2"/>')
ONE_OR_TWO = "<MaxSelectionCount>2</MaxSelectionCount><StyleSuggestion>checkbox</StyleSuggestion>"
OTHER = '<OtherSelection><Constraints><Length maxLength="5"/></Constraints></OtherSelection>'

# name: (question, posted, the answer's children or the error's words)
READ: dict[str, tuple[str, Mapping[str, Sequence[str]], list[tuple[str, str | None]] | str]] = {
    "a text": (question(), {"answer.1": ["C3"]}, [("FreeText", "C3")]),
    "an empty text": (question(), {"answer.1": [""]}, [("FreeText", None)]),
    "nothing posted": (question(), {}, [("FreeText", None)]),
    "two lines": (question(), {"answer.1": ["a\r\nb"]}, [("FreeText", "a\r\nb")]),
    "a required text": (question(required="true"), {"answer.1": [" "]}, "answer this question"),
    "a least length needs an answer": (question(TWO), {}, "answer this question"),
    "too short": (question(TWO), {"answer.1": ["C"]}, "at least 2 characters; these are 1"),
    "too long": (question(TWO), {"answer.1": ["C12"]}, "at most 2 characters; these are 3"),
    "a line's end is one character": (
        question(TWO),
        {"answer.1": ["\r\nb"]},
        [("FreeText", "\r\nb")],
    ),
    "a number": (question(NUMBER), {"answer.1": ["100.5"]}, [("FreeText", "100.5")]),
    "no number at all is optional": (question(NUMBER), {"answer.1": [""]}, [("FreeText", None)]),
    "no number": (question(NUMBER), {"answer.1": ["many"]}, "write a number"),
    "not even infinity": (question(NUMBER), {"answer.1": ["Infinity"]}, "write a number"),
    "a number too small": (question(NUMBER), {"answer.1": ["99"]}, "100 or more"),
    "a number too large": (question(NUMBER), {"answer.1": ["1000"]}, "999 or less"),
    "a pattern is the browser's business": (
        question(free('<AnswerFormatRegex regex="(a+)+$"/>')),
        {"answer.1": ["a" * 200 + "!"]},
        [("FreeText", "a" * 200 + "!")],
    ),
    "a choice": (question(selection()), {"answer.1": ["b"]}, [("SelectionIdentifier", "b")]),
    "no choice": (question(selection()), {}, []),
    "a required choice": (question(selection(), required="true"), {}, "answer this question"),
    "a choice that is not offered": (question(selection()), {"answer.1": ["z"]}, "what is offered"),
    "two choices of one": (question(selection()), {"answer.1": ["a", "b"]}, "at most 1"),
    "two choices, in the order of the form": (
        question(selection(ONE_OR_TWO)),
        {"answer.1": ["c", "a"]},
        [("SelectionIdentifier", "a"), ("SelectionIdentifier", "c")],
    ),
    "three choices of two": (
        question(selection(ONE_OR_TWO)),
        {"answer.1": ["a", "b", "c"]},
        "most 2",
    ),
    "too few choices": (
        question(
            selection(
                "<MinSelectionCount>2</MinSelectionCount><MaxSelectionCount>3</MaxSelectionCount>"
            )
        ),
        {"answer.1": ["a"]},
        "at least 2",
    ),
    "another answer beside": (
        question(selection(other=OTHER), required="true"),
        {"answer.1": ["a"], "answer.1.other": ["more"]},
        [("SelectionIdentifier", "a"), ("OtherSelectionText", "more")],
    ),
    "another answer alone": (
        question(selection(other=OTHER), required="true"),
        {"answer.1.other": ["more"]},
        [("OtherSelectionText", "more")],
    ),
    "another answer too long": (
        question(selection(other=OTHER)),
        {"answer.1.other": ["longer"]},
        "at most 5",
    ),
    "another answer that nobody asked for": (
        question(selection()),
        {"answer.1": ["a"], "answer.1.other": ["more"]},
        [("SelectionIdentifier", "a")],
    ),
}


@pytest.mark.parametrize("case", READ)
def test_answers_are_checked_and_become_xml(case: str) -> None:
    asked, posted, expected = READ[case]
    result = read_form(form(asked), posted)
    if isinstance(expected, str):
        assert result.answer_xml is None
        assert list(result.errors) == ["answer.1"]
        assert expected in result.errors["answer.1"]
        return
    assert not result.errors
    assert result.answer_xml is not None
    (answer,) = etree.fromstring(result.answer_xml.encode())
    children = [(etree.QName(child).localname, child.text) for child in answer]
    assert children == [("QuestionIdentifier", "q"), *expected]
    assert etree.QName(answer).namespace == NAMESPACE


def shown(xml: str, **more: object) -> html.HtmlElement:
    return html.fragment_fromstring(
        str(render_form(xml, action="/here", form_token="t0", **more)), create_parent=True
    )


STYLES = [
    ("radiobutton", 1, "input[@type='radio']"),
    ("checkbox", 2, "input[@type='checkbox']"),
    ("checkbox", 1, "input[@type='radio']"),
    ("list", 1, "select[@size]/option"),
    ("list", 2, "select[@size and @multiple]/option"),
    ("dropdown", 1, "select/option[@value!='']"),
    ("combobox", 1, "select/option[@value!='']"),
    ("multichooser", 2, "input[@type='checkbox']"),
    ("dropdown", 2, "input[@type='checkbox']"),
]


@pytest.mark.parametrize(("style", "most", "path"), STYLES)
def test_each_style_shows_all_options(style: str, most: int, path: str) -> None:
    rules = (
        f"<MaxSelectionCount>{most}</MaxSelectionCount><StyleSuggestion>{style}</StyleSuggestion>"
    )
    found = shown(form(question(selection(rules)))).xpath(f"//{path}")
    assert [option.get("value") for option in found] == ["a", "b", "c"]


def test_a_form_keeps_what_was_typed_and_ties_errors_to_fields() -> None:
    """The field says what describes it, and the summary leads to it."""
    page = shown(
        form(question(name="The <i>move</i>".replace("<", "&lt;")), question(selection(), id="r")),
        posted={"answer.1": ['"><script>'], "answer.2": ["b"]},
        errors={"answer.1": "Please <b>"},
    )
    (field,) = page.xpath("//input[@name='answer.1']")
    assert field.get("value") == '"><script>'
    assert field.get("aria-invalid") == "true"
    described = field.get("aria-describedby").split()
    assert described == ["answer.1-content", "answer.1-error"]
    assert all(page.xpath(f"//*[@id='{name}']") for name in described)
    assert page.xpath("string(//*[@id='answer.1-error'])") == "Please <b>"
    assert page.xpath("//*[@role='alert']//a/@href") == ["#answer.1-question"]
    assert page.xpath("//input[@checked]/@value") == ["b"]
    assert page.xpath("//input[@name='form_token']/@value") == ["t0"]
    assert not page.xpath("//script[not(@src)]")


def test_default_text_stands_there_until_something_was_posted() -> None:
    xml = form(question("<FreeTextAnswer><DefaultText>C1</DefaultText></FreeTextAnswer>"))
    assert shown(xml).xpath("//input[@name='answer.1']/@value") == ["C1"]
    assert shown(xml, posted={}).xpath("//input[@name='answer.1']/@value") == [""]


def test_pictures_and_sound_have_their_words() -> None:
    page = shown(form(question(content=f"{BINARY}{EMBEDDED}")))
    assert page.xpath("//img/@alt") == ["A board"]
    assert page.xpath("//audio/@aria-label") == ["A song"]


def test_a_link_in_formatted_content_opens_elsewhere() -> None:
    content = '<FormattedContent><![CDATA[<a href="https://a.test/">x</a>]]></FormattedContent>'
    (link,) = shown(form(question(content=content))).xpath("//a")
    assert (link.get("target"), link.get("rel")) == ("_blank", "noopener noreferrer")
