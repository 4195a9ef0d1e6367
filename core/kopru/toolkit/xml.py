"""The one XML parser of the project.

Entities are not resolved, nothing is loaded from disk or network, XInclude is not processed, huge trees
are refused by libxml2, a DOCTYPE is refused by us (libxml2 would let it pass silently), and the size is
capped before parsing.
"""

import re
from collections.abc import Mapping

from lxml import etree

from kopru.hooks.errors import Rejected
from kopru.toolkit.texts import TEXTS

Element = etree._Element
Namespaces = Mapping[str, str]

MAX_BYTES = 50_000_000

_PROLOG = 65_536
# White space, instructions and comments may stand before a DOCTYPE. NUL bytes are dropped before the look,
# which turns UTF-16 and UTF-32 into ASCII; what remains of their BOM is skipped.
_DOCTYPE = re.compile(
    rb"[\xef\xbb\xbf\xfe\xff]*+(?:\s++|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<!DOCTYPE", re.DOTALL | re.IGNORECASE
)


def parse(content: bytes, *, limit: int = MAX_BYTES) -> Element:
    """Return the root element of an XML document.

    Args:
        content: the document's bytes; its own declaration or a BOM names the encoding.
        limit: largest size in bytes.

    Raises:
        Rejected: ``xml.too_large``, ``xml.doctype`` or ``xml.malformed``.
    """
    if len(content) > limit:
        raise Rejected("xml.too_large", TEXTS.text("xml.too_large", size=len(content), limit=limit))
    if _DOCTYPE.match(content[:_PROLOG].replace(b"\x00", b"")):
        raise Rejected("xml.doctype", TEXTS["xml.doctype"])
    try:
        root = etree.fromstring(content, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Rejected("xml.malformed", TEXTS["xml.malformed"], detail=str(error)[:500]) from error
    # The look at the prolog saves libxml2 the work; this one cannot be deceived by any encoding.
    if root.getroottree().docinfo.internalDTD is not None:
        raise Rejected("xml.doctype", TEXTS["xml.doctype"])
    return root


def serialize(element: Element) -> bytes:
    """Return an element as a UTF-8 document with an XML declaration."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")


def local_name(element: Element) -> str:
    """Return the element's name without its namespace."""
    return str(etree.QName(element).localname)


def text(element: Element, path: str, namespaces: Namespaces | None = None, *, default: str = "") -> str:
    """Return the stripped text at an ElementPath, or the default when the element is absent or empty.

    ``{*}Name`` in the path matches any namespace.
    """
    found = element.find(path, dict(namespaces or {}))
    if found is None or found.text is None:
        return default
    return found.text.strip() or default


def required_text(element: Element, path: str, namespaces: Namespaces | None = None) -> str:
    """Return the stripped text at an ElementPath.

    Raises:
        Rejected: ``xml.missing`` when the element is absent or empty; ``field`` is the path.
    """
    value = text(element, path, namespaces)
    if not value:
        raise Rejected("xml.missing", TEXTS.text("xml.missing", path=path), field=path)
    return value


def texts(element: Element, path: str, namespaces: Namespaces | None = None) -> tuple[str, ...]:
    """Return the stripped, non-empty texts of every element at an ElementPath."""
    found = element.findall(path, dict(namespaces or {}))
    stripped = ((each.text or "").strip() for each in found)
    return tuple(value for value in stripped if value)


def _parser() -> etree.XMLParser:
    # One per call: an lxml parser serialises the threads that share it.
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
    )
