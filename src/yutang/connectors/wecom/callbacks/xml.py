"""The XML of callbacks as nested texts; declarations, and with them all entities, are refused."""

from __future__ import annotations

from typing import NoReturn
from xml.parsers import expat

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: An element: its text, its children by name, or several of one name as a list.
Element = dict[str, "str | Element | list[str | Element]"]

_MOST_DEPTH = 8
_MOST_ELEMENTS = 20_000


class XmlIsRefused(DomainError):
    """The body is no XML of WeCom."""

    code = "wecom_xml_is_refused"
    http_status = 400
    message = N_("The callback is not XML as WeCom writes it.")


def parsed(text: str | bytes) -> Element:
    """Return the children of the root element.

    Raises:
        XmlIsRefused: it is no XML, declares a document type, is nested too deep, or holds too much.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(text, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise XmlIsRefused from error
    root = reader.root
    if not isinstance(root, dict):
        raise XmlIsRefused
    return root


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        # Without a document type there are no entities but the five of XML itself.
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse
        self.root: str | Element = ""
        self._open: list[tuple[str, Element, list[str]]] = []
        self._count = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= _MOST_DEPTH or self._count > _MOST_ELEMENTS:
            raise XmlIsRefused
        self._open.append((name, {}, []))

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1][2].append(text)

    def _end(self, name: str) -> None:
        _, children, texts = self._open.pop()
        value: str | Element = children or "".join(texts)
        if not self._open:
            self.root = value
            return
        beside = self._open[-1][1]
        there = beside.get(name)
        if there is None:
            beside[name] = value
        elif isinstance(there, list):
            there.append(value)
        else:
            beside[name] = [there, value]

    def _refuse(self, *declared: object) -> NoReturn:
        raise XmlIsRefused


def text_of(element: Element, name: str) -> str:
    """Return the text of a child; empty where there is none."""
    value = element.get(name, "")
    return value if isinstance(value, str) else ""


def texts_of(element: Element, name: str, item: str = "Item") -> tuple[str, ...]:
    """Return the texts of a child that lists items."""
    value = element.get(name)
    if not isinstance(value, dict):
        return ()
    items = value.get(item, [])
    return tuple(one for one in (items if isinstance(items, list) else [items]) if isinstance(one, str))
