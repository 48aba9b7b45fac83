"""FormattedContent: the part of XHTML that MTurk let requesters use inside a QuestionForm.

Tags and attributes are those of its page "Formatted Content: XHTML". What is not on the list is
refused when a question is posted, and left out when it is shown.
"""

from __future__ import annotations

import re
from html.entities import html5

from lxml import etree, html
from markupsafe import Markup

from marketplace.frames.question import InvalidQuestion

CELLS = "align char charoff valign"
CELL = f"abbr axis bgcolor colspan headers height nowrap rowspan scope width {CELLS}"
TAGS = {
    "a": "accesskey charset coords href hreflang name rel rev shape tabindex target type",
    "area": "alt coords href nohref shape target",
    "blockquote": "cite",
    "col": f"span width {CELLS}",
    "colgroup": f"span width {CELLS}",
    "del": "cite datetime",
    "font": "color face size",
    "hr": "align noshade size width",
    "img": "align alt border height hspace ismap longdesc src usemap vspace width",
    "ins": "cite datetime",
    "li": "type value",
    "map": "name",
    "ol": "compact start type",
    "p": "align",
    "pre": "width",
    "q": "cite",
    "table": "align bgcolor border cellpadding cellspacing frame rules summary width",
    "tbody": CELLS,
    "td": CELL,
    "tfoot": CELLS,
    "th": CELL,
    "thead": CELLS,
    "tr": f"bgcolor {CELLS}",
    "ul": "compact type",
    **dict.fromkeys(["h1", "h2", "h3", "h4", "h5", "h6"], "align"),
    **dict.fromkeys(["b", "big", "br", "center", "cite", "code", "dd", "dl", "dt"], ""),
    **dict.fromkeys(["em", "i", "small", "strong", "sub", "sup", "u"], ""),
}
EVERYWHERE = {"title", "dir", "lang"}
NEEDED = {"img": {"alt", "src"}, "area": {"alt"}, "map": {"name"}}
ADDRESSES = {"href", "src", "cite", "longdesc"}
SCHEMES = re.compile(r"\s*(https?|ftp|news|nntp|gopher|telnet)://|\s*mailto:|\s*#", re.IGNORECASE)
XML_NAMES = {"amp", "lt", "gt", "quot", "apos"}
NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
COMMENT = re.compile("<!--")


def check(content: str) -> None:
    """Raises `InvalidQuestion` for anything that is not on the list, with its name."""
    if COMMENT.search(content):
        raise InvalidQuestion("FormattedContent: comments are not allowed")
    for element in _parsed(content).iterdescendants():
        _check(element)


def shown(content: str) -> Markup:
    """The content as HTML that carries no script, style or address of another kind."""
    try:
        root = _parsed(content)
    except InvalidQuestion:
        return Markup("<p>{}</p>").format(content)
    for element in list(root.iterdescendants()):
        _clean(element)
    inner = [Markup.escape(root.text or "")]
    inner += [Markup(html.tostring(child, encoding="unicode")) for child in root]
    return Markup("").join(inner)


def _parsed(content: str) -> etree._Element:
    """As MTurk did: the content becomes that of one root element, and must be well-formed XML."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        document = f"<FormattedContent>{_numbered(content)}</FormattedContent>"
        return etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidQuestion(f"FormattedContent: {error}") from error


def _numbered(content: str) -> str:
    """HTML's named characters, such as &nbsp;, as XML can read them."""

    def number(match: re.Match[str]) -> str:
        characters = html5.get(f"{match[1]};")
        if match[1] in XML_NAMES or characters is None:
            return match[0]
        return "".join(f"&#{ord(character)};" for character in characters)

    return NAMED.sub(number, content)


def _check(element: etree._Element) -> None:
    tag = element.tag
    if not isinstance(tag, str) or tag not in TAGS:
        raise InvalidQuestion(f"FormattedContent: the element '{tag}' is not allowed")
    allowed = EVERYWHERE | set(TAGS[tag].split())
    for name, value in _attributes(element):
        if name not in allowed:
            raise InvalidQuestion(
                f"FormattedContent: the attribute '{name}' is not allowed on '{tag}'"
            )
        if name in ADDRESSES and not SCHEMES.match(value):
            raise InvalidQuestion(f"FormattedContent: the address '{value}' is not allowed")
    lacking = NEEDED.get(tag, set()) - set(element.attrib)
    if lacking:
        raise InvalidQuestion(f"FormattedContent: '{tag}' needs {' and '.join(sorted(lacking))}")


def _clean(element: etree._Element) -> None:
    tag = element.tag
    parent = element.getparent()
    if not isinstance(tag, str) or tag not in TAGS:
        if parent is not None:
            _drop(element, parent)
        return
    allowed = EVERYWHERE | set(TAGS[tag].split())
    for name, value in _attributes(element):
        if name not in allowed or (name in ADDRESSES and not SCHEMES.match(value)):
            del element.attrib[name]
    if tag in {"a", "area"} and "href" in element.attrib:
        element.set("target", "_blank")
        element.set("rel", "noopener noreferrer")


def _attributes(element: etree._Element) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in element.attrib.items()]


def _drop(element: etree._Element, parent: etree._Element) -> None:
    """Remove the element with all that is in it, keeping the text that follows."""
    tail = element.tail or ""
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
