"""SOAP messages as the simulated Uyumsoft reads and writes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from kopru.testing.simulator import SimResponse
from kopru.toolkit import dates, xml
from kopru_uyumsoft.simulation.description import NAMESPACE

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"

Attributes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Message:
    """A request: the operation's element with its arguments, and the header."""

    operation: str
    body: xml.Element
    header: xml.Element | None

    def argument(self, name: str) -> xml.Element | None:
        """Return an argument."""
        return self.body.find(f"{{{NAMESPACE}}}{name}")

    def text(self, name: str) -> str:
        """Return an argument's text."""
        return xml.text(self.body, f"{{{NAMESPACE}}}{name}")

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list argument."""
        return xml.texts(self.body, f"{{{NAMESPACE}}}{name}/{{{NAMESPACE}}}string")


def read(content: bytes) -> Message | None:
    """Return the message in a request, ``None`` when there is none.

    Raises:
        Rejected: the request is no XML.
    """
    envelope = xml.parse(content)
    body = envelope.find(f"{{{ENVELOPE}}}Body")
    operation = next(body.iterchildren("*"), None) if body is not None else None
    if operation is None:
        return None
    return Message(xml.local_name(operation), operation, envelope.find(f"{{{ENVELOPE}}}Header"))


def node(
    name: str, attributes: Attributes | None = None, children: Iterable[xml.Element] = (), text: str = ""
) -> xml.Element:
    """Return an element of the service's namespace; attributes without a value are left out."""
    found = {key: value for key, value in (attributes or {}).items() if value is not None}
    element = etree.Element(f"{{{NAMESPACE}}}{name}", found)
    element.text = text or None
    element.extend(list(children))
    return element


def answer(
    operation: str, values: Iterable[xml.Element] = (), *, flag: bool | None = None, refusal: str = ""
) -> SimResponse:
    """Return an answer ``{IsSucceded, Message, Value}``; ``flag`` is a value that is an attribute."""
    attributes: Attributes = {
        "IsSucceded": "false" if refusal else "true",
        "Message": refusal or None,
        "Value": str(flag).lower() if flag is not None else None,
    }
    result = node(f"{operation}Result", attributes, values)
    return _envelope(node(f"{operation}Response", children=(result,)), 200)


def fault(code: str, text: str) -> SimResponse:
    """Return a SOAP 1.1 fault; it comes with HTTP 500."""
    element = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap={"s": ENVELOPE, "a": "urn:fault"})
    etree.SubElement(element, "faultcode").text = code
    etree.SubElement(element, "faultstring").text = text
    return _envelope(element, 500)


def stamp(moment: datetime, *, utc: bool) -> str:
    """Return a time as Uyumsoft writes it: without offset."""
    aware = moment if utc else moment.astimezone(dates.ISTANBUL)
    return aware.replace(tzinfo=None).isoformat(timespec="seconds")


def _envelope(content: xml.Element, status: int) -> SimResponse:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE})
    etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(content)
    return SimResponse(status, etree.tostring(envelope), {"content-type": "text/xml; charset=utf-8"})
