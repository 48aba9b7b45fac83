"""XML elements whose children come in the order that a schema asks for."""

from __future__ import annotations

import re

from lxml import etree

from marketplace.frames.question import InvalidQuestion

WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,10}")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class Sequence:
    """The children of an element, taken one after the other; text beside them is refused."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._children = [child for child in element if isinstance(child.tag, str)]
        self._next = 0
        beside = [element.text, *(child.tail for child in element)]
        if any((piece or "").strip() for piece in beside):
            raise InvalidQuestion(f"'{self._name}' must not have text of its own")
        namespace = etree.QName(element).namespace
        for child in self._children:
            if etree.QName(child).namespace != namespace:
                raise InvalidQuestion(f"cannot find the declaration of element '{child.tag}'")

    @property
    def over(self) -> bool:
        return self._next == len(self._children)

    @property
    def _name(self) -> str:
        return etree.QName(self._element).localname

    def any(self) -> etree._Element:
        """The next child, whatever it is."""
        if self.over:
            raise InvalidQuestion(f"the content of '{self._name}' is not complete")
        self._next += 1
        return self._children[self._next - 1]

    def one(self, name: str) -> etree._Element:
        """The next child, which must be a `name`."""
        found = self.optional(name)
        if found is None:
            there = "nothing" if self.over else f"'{self._at()}'"
            raise InvalidQuestion(f"'{self._name}' needs '{name}' where it has {there}")
        return found

    def optional(self, name: str) -> etree._Element | None:
        """The next child if it is a `name`."""
        return self.any() if not self.over and self._at() == name else None

    def many(self, name: str) -> list[etree._Element]:
        """One `name` or more."""
        found = [self.one(name)]
        while (another := self.optional(name)) is not None:
            found.append(another)
        return found

    def end(self) -> None:
        """Nothing may follow."""
        if not self.over:
            raise InvalidQuestion(f"'{self._at()}' is not allowed there inside '{self._name}'")

    def _at(self) -> str:
        return etree.QName(self._children[self._next]).localname


def text(element: etree._Element) -> str:
    """The text of an element that has no children."""
    if any(isinstance(child.tag, str) for child in element):
        raise InvalidQuestion(f"'{etree.QName(element).localname}' must have text alone in it")
    return "".join(piece for piece in element.itertext() if isinstance(piece, str))


def boolean(element: etree._Element) -> bool:
    """An xs:boolean."""
    given = text(element).strip()
    if given not in BOOLEANS:
        raise InvalidQuestion(f"{etree.QName(element).localname} '{given}' is not true or false")
    return BOOLEANS[given]


def number(element: etree._Element, *, least: int) -> int:
    """A whole number that is not below `least`."""
    return _whole(text(element), etree.QName(element).localname, least)


def attribute(element: etree._Element | None, name: str, *, least: int | None = None) -> int | None:
    """A whole number in an attribute, None where there is none."""
    given = None if element is None else element.get(name)
    return None if given is None else _whole(given, name, least)


def _whole(given: str, name: str, least: int | None) -> int:
    if not WHOLE_NUMBER.fullmatch(given.strip()) or (least is not None and int(given) < least):
        bound = "" if least is None else f" of {least} or more"
        raise InvalidQuestion(f"{name} '{given.strip()}' is not a whole number{bound}")
    return int(given)
