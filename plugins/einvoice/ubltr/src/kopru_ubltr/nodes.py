"""A tiny description of UBL elements, and the one place where it becomes bytes.

A node without text and without children is left out, so that callers write optional parts without asking.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lxml import etree

from kopru.toolkit import xml
from kopru_ubltr.text import clean

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
EXT = "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
PLACEHOLDER = "urn:kopru:signature-place"
"""Namespace of the one foreign element that stands where the signature will be."""


_NAMESPACES: Any = {None: INVOICE, "cac": CAC, "cbc": CBC, "ext": EXT}


class Node(NamedTuple):
    """One element: qualified name, text, attributes and children in schema order."""

    tag: str
    text: str = ""
    attributes: Mapping[str, str] = {}
    children: tuple["Node", ...] = ()


Part = Node | None


def cbc(name: str, value: str, **attributes: str) -> Part:
    """Return a basic element, or nothing when the value is empty after cleaning."""
    text = clean(value)
    return Node(f"{{{CBC}}}{name}", text, attributes) if text else None


def blank(name: str) -> Node:
    """Return a basic element without text, for places the schema requires and nothing is known about."""
    return Node(f"{{{CBC}}}{name}")


def cac(name: str, *parts: Part) -> Part:
    """Return an aggregate element, or nothing when it would be empty."""
    children = tuple(part for part in parts if part is not None)
    return Node(f"{{{CAC}}}{name}", children=children) if children else None


def extensions() -> Node:
    """Return the extension block of an unsigned document: exactly one foreign element, as the rules want."""
    place = Node(f"{{{PLACEHOLDER}}}SignaturePlace")
    content = Node(f"{{{EXT}}}ExtensionContent", children=(place,))
    extension = Node(f"{{{EXT}}}UBLExtension", children=(content,))
    return Node(f"{{{EXT}}}UBLExtensions", children=(extension,))


def document(*parts: Part) -> bytes:
    """Return an ``Invoice`` of these parts as indented UTF-8 bytes, the same for the same parts."""
    root = etree.Element(f"{{{INVOICE}}}Invoice", nsmap=_NAMESPACES)
    for part in parts:
        if part is not None:
            _append(root, part)
    etree.indent(root)
    return xml.serialize(root) + b"\n"


def _append(parent: xml.Element, node: Node) -> None:
    element = etree.SubElement(parent, node.tag, dict(node.attributes))
    if node.text:
        element.text = node.text
    for child in node.children:
        _append(element, child)
