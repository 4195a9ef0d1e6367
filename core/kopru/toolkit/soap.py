"""Calling a SOAP service: zeep makes and reads the messages, ``ctx.http`` alone carries them.

zeep comes with the extra ``kopru[soap]`` and is imported by the first call. It never reaches network or disk:
the WSDL and what it imports are read through ``ctx.http`` from the connection's own server, wherever their
addresses point, and every document and answer passes ``kopru.toolkit.xml`` before zeep sees it. What zeep
makes of a WSDL is kept for a day, by address, and shared between addresses with the same content.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from lxml import etree
from pydantic import BaseModel, SecretStr

from kopru.hooks.dry_run import PlannedRequest
from kopru.hooks.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
    TransientError,
)
from kopru.hooks.io import Http, Response
from kopru.hooks.types import Ctx
from kopru.toolkit import xml
from kopru.toolkit.texts import TEXTS

C = TypeVar("C", bound=BaseModel)

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_WSSE = f"{_WSS}wssecurity-secext-1.0.xsd"
_WSU = f"{_WSS}wssecurity-utility-1.0.xsd"
_PASSWORD_TEXT = f"{_WSS}username-token-profile-1.0#PasswordText"

_LOGIN_FAULTS = frozenset(
    (
        *("FailedAuthentication", "FailedCheck", "InvalidSecurity", "InvalidSecurityToken"),
        *("SecurityTokenUnavailable", "UnsupportedAlgorithm", "UnsupportedSecurityToken"),
    )
)
"""Fault codes of WS-Security 1.1, chapter 12."""
_UNFIT_FAULTS = frozenset(
    {"ActionNotSupported", "DeserializationFailed", "MustUnderstand", "VersionMismatch"}
)
"""Codes of faults that say that the message itself does not fit, so that nothing was carried out."""

_KEPT_SECONDS = 24 * 3600.0
_KEPT_MOST = 64
_MOST_DOCUMENTS = 60
_LONGEST = 1000
_OWN_STATUSES = frozenset({401, 403, 408, 425, 429})


@dataclass(frozen=True, slots=True)
class Service:
    """Where a service is: the address of its calls and of its WSDL, both on the connection's server."""

    address: str
    description: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault. ``codes`` are the code and its subcodes without prefixes, ``text`` is its reason."""

    codes: tuple[str, ...]
    text: str = ""

    def __str__(self) -> str:
        return f"{'/'.join(self.codes)}: {self.text}"


Explain = Callable[[Fault], ConnectorError | None]
"""Says what a fault means; ``None`` leaves it to the HTTP status."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """An XML document as the value of a field: the content of its root goes into the message as it is."""

    content: bytes


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """A WS-Security login with name, plain password and time stamp (UsernameToken Profile 1.0).

    ``at`` is the time of the call, aware; the message is valid for ``lasts``.
    """

    username: str
    password: SecretStr
    at: datetime
    lasts: timedelta = timedelta(minutes=5)

    def apply(self, envelope: xml.Element, headers: dict[str, str]) -> tuple[xml.Element, dict[str, str]]:
        """Put the login into an envelope's header."""
        soap = etree.QName(envelope).namespace
        header = envelope.find(f"{{{soap}}}Header")
        if header is None:
            header = etree.Element(f"{{{soap}}}Header")
            envelope.insert(0, header)
        security = etree.SubElement(header, f"{{{_WSSE}}}Security", nsmap={"wsse": _WSSE, "wsu": _WSU})
        security.set(f"{{{soap}}}mustUnderstand", "1")
        stamp = etree.SubElement(security, f"{{{_WSU}}}Timestamp")
        etree.SubElement(stamp, f"{{{_WSU}}}Created").text = _instant(self.at)
        etree.SubElement(stamp, f"{{{_WSU}}}Expires").text = _instant(self.at + self.lasts)
        token = etree.SubElement(security, f"{{{_WSSE}}}UsernameToken")
        etree.SubElement(token, f"{{{_WSSE}}}Username").text = self.username
        password = etree.SubElement(token, f"{{{_WSSE}}}Password", Type=_PASSWORD_TEXT)
        password.text = self.password.get_secret_value()
        return envelope, headers

    def verify(self, envelope: xml.Element) -> None:
        """Accept every answer: a plain login signs nothing."""


def call(
    ctx: Ctx[C],
    service: Service,
    operation: str,
    arguments: Mapping[str, Any],
    *,
    login: UsernameToken | None = None,
    explain: Explain = lambda fault: None,
    write: bool = False,
    timeout: float | None = None,
) -> Any:
    """Call an operation and return its answer as plain data: dicts, lists, texts, ``Decimal``, datetimes.

    The WSDL says how arguments are written. ``None`` is left out, or written as nil where the schema asks for
    the element.

    Args:
        ctx: the hook's context.
        service: where the service is.
        operation: name of the operation in the WSDL.
        arguments: its arguments by name; ``Verbatim`` stands for a whole document.
        login: goes into the message's header.
        explain: says what a fault means; faults of WS-Security are understood without it.
        write: the operation changes something: it is sent once, and never in a dry run.
        timeout: seconds for each request.

    Raises:
        ConfigError: zeep is not installed, or the service's description lacks the operation or an argument;
            nothing was sent.
        AuthError: the login was refused.
        Rejected: ``xml.*`` when a ``Verbatim`` cannot be read; nothing was sent.
        TransientError: the description or the answer cannot be read.
        OutcomeUnknown: the answer to a write cannot be read, or is a fault without a meaning.
        ConnectorError: what ``explain`` returned, or what ``ctx.http`` raised.
    """
    zeep = _zeep()
    described = _described(ctx.http, service.description, timeout)
    documents: list[tuple[str, xml.Element]] = []
    given = {name: _taken_out(value, name, zeep.xsd.Nil, documents) for name, value in arguments.items()}
    wire = _Wire(ctx.http, documents, explain, write, timeout)
    client = zeep.Client(described.wsdl, wsse=login, transport=wire, settings=_settings())
    port = client.create_service(described.binding, service.address)
    try:
        wire.expected = described.answer_to(operation)
        return zeep.helpers.serialize_object(port[operation](**given), dict)
    except (ConnectorError, PlannedRequest):
        raise
    except Exception as error:
        # zeep raises whatever its reading of the schema meets.
        if wire.answered:
            raise _unreadable(write, _words(error)) from error
        with _lock:
            # The service may have changed since its description was read.
            _known.pop(service.description, None)
        text = TEXTS.text("soap.unfit", operation=operation)
        raise ConfigError("soap.unfit", text, detail=_words(error)) from error


def fault_of(envelope: xml.Element) -> Fault | None:
    """Return the fault an envelope of SOAP 1.1 or 1.2 carries."""
    fault = envelope.find("{*}Body/{*}Fault")
    if fault is None:
        return None
    written = [xml.text(fault, "faultcode")]
    code = fault.find("{*}Code")
    while code is not None:
        written.append(xml.text(code, "{*}Value"))
        code = code.find("{*}Subcode")
    codes = tuple(part for each in written for part in each.rpartition(":")[2].split(".") if part)
    return Fault(codes, (xml.text(fault, "faultstring") or xml.text(fault, "{*}Reason/{*}Text"))[:_LONGEST])


@dataclass(frozen=True, slots=True)
class _Described:
    """What zeep made of a WSDL. ``until`` is a reading of the monotonic clock."""

    digest: str
    wsdl: Any
    binding: str
    until: float

    def answer_to(self, operation: str) -> str:
        """Return the name of the element that answers an operation; zeep does not ask for it."""
        return str(self.wsdl.bindings[self.binding].get(operation).output.body.qname)


_known: OrderedDict[str, _Described] = OrderedDict()
_lock = threading.Lock()


def _described(http: Http, address: str, timeout: float | None) -> _Described:
    with _lock:
        found = _known.get(address)
    if found is not None and found.until > time.monotonic():
        return found
    documents = _gathered(http, address, timeout)
    digest = hashlib.sha256(b"".join(key.encode() + text for key, text in documents.items())).hexdigest()
    with _lock:
        same = next((each for each in _known.values() if each.digest == digest), None)
    wsdl, binding = (same.wsdl, same.binding) if same else _read(address, documents)
    described = _Described(digest, wsdl, binding, time.monotonic() + _KEPT_SECONDS)
    with _lock:
        _known[address] = described
        _known.move_to_end(address)
        while len(_known) > _KEPT_MOST:
            _known.popitem(last=False)
    return described


def _gathered(http: Http, address: str, timeout: float | None) -> dict[str, bytes]:
    """Read a WSDL and all it imports, by path and query.

    Services behind a load balancer name their documents by inner hosts or by plain HTTP, so that only path
    and query of an address count.
    """
    server, waiting, found = urlsplit(address), [address], dict[str, bytes]()
    while waiting:
        url = waiting.pop(0)
        place = _place(url)
        if place in found:
            continue
        if len(found) == _MOST_DOCUMENTS:
            raise _undescribed(f"more than {_MOST_DOCUMENTS} documents")
        content = http.request("GET", f"{server.scheme}://{server.netloc}{place}", timeout=timeout).content
        try:
            root = xml.parse(content)
        except Rejected as error:
            raise _undescribed(f"{place}: {error.code}") from error
        found[place] = content
        waiting += [urljoin(url, location) for location in _imported(root)]
    return found


def _imported(root: xml.Element) -> list[str]:
    imports = root.iter("{*}import", "{*}include", "{*}redefine")
    return [location for each in imports if (location := each.get("schemaLocation") or each.get("location"))]


def _place(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise _undescribed(f"import of {url[:200]}")
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _read(address: str, documents: Mapping[str, bytes]) -> tuple[Any, str]:
    wsdl = import_module("zeep.wsdl")
    bindings = import_module("zeep.wsdl.bindings")
    try:
        read = wsdl.Document(address, _Library(documents), settings=_settings())
        for kind in (bindings.Soap11Binding, bindings.Soap12Binding):
            for name, binding in read.bindings.items():
                if isinstance(binding, kind):
                    return read, name
    except ConnectorError:
        raise
    except Exception as error:
        raise _undescribed(_words(error)) from error
    raise _undescribed("no SOAP binding")


@dataclass(frozen=True, slots=True)
class _Library:
    """What zeep reads a WSDL with: documents that were gathered before, and nothing else."""

    documents: Mapping[str, bytes]

    def load(self, url: str) -> bytes:
        try:
            return self.documents[_place(url)]
        except KeyError as error:
            raise _undescribed(f"import of {url[:200]}") from error


@dataclass(slots=True)
class _Wire:
    """What zeep sends a message with: one request through the hook's HTTP client."""

    http: Http
    documents: list[tuple[str, xml.Element]]
    explain: Explain
    write: bool
    timeout: float | None
    expected: str = ""
    answered: bool = False

    def post_xml(self, address: str, envelope: xml.Element, headers: Mapping[str, str]) -> "_Answer":
        _put_in(envelope, self.documents)
        response = self.http.request(
            "POST",
            address,
            headers=headers,
            content=xml.serialize(envelope),
            explain=self._refused,
            safe=not self.write,
            timeout=self.timeout,
        )
        self.answered = True
        try:
            root = xml.parse(response.content)
        except Rejected as error:
            raise _unreadable(self.write, error.code) from error
        if fault := fault_of(root):
            raise self._error(fault)
        if root.find(f"{{*}}Body/{self.expected}") is None:
            raise _unreadable(self.write, f"no {self.expected}")
        return _Answer(response.content)

    def _refused(self, response: Response) -> ConnectorError | None:
        if response.status in _OWN_STATUSES:
            return None
        try:
            fault = fault_of(xml.parse(response.content))
        except Rejected:
            return None
        return self._meaning(fault) if fault else None

    def _error(self, fault: Fault) -> ConnectorError:
        error = self._meaning(fault)
        if error is not None and not (self.write and isinstance(error, TransientError)):
            return error
        kind = OutcomeUnknown if self.write else TransientError
        code = error.code if error else "soap.fault"
        text = error.message if error else TEXTS.text("soap.fault", reason=fault.text or "?")
        return kind(code, text, detail=str(fault))

    def _meaning(self, fault: Fault) -> ConnectorError | None:
        if not _LOGIN_FAULTS.isdisjoint(fault.codes):
            return AuthError("soap.login_refused", TEXTS["soap.login_refused"], detail=str(fault))
        if not _UNFIT_FAULTS.isdisjoint(fault.codes):
            return ConfigError("soap.not_understood", TEXTS["soap.not_understood"], detail=str(fault))
        return self.explain(fault)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer as zeep reads it."""

    content: bytes
    status_code: int = 200
    encoding: str = "utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def _taken_out(value: Any, name: str, nil: Any, documents: list[tuple[str, xml.Element]]) -> Any:
    """Return a value with nil for each document; ``documents`` gets them with the names of their fields."""
    inner = partial(_taken_out, nil=nil, documents=documents)
    if isinstance(value, Verbatim):
        documents.append((name, xml.parse(value.content)))
        return nil
    if isinstance(value, Mapping):
        return {key: inner(each, key) for key, each in value.items()}
    return [inner(each, name) for each in value] if isinstance(value, list | tuple) else value


def _put_in(envelope: xml.Element, documents: list[tuple[str, xml.Element]]) -> None:
    waiting = [node for node in envelope.iter("*") if node.get(_NIL) == "true"]
    for name, root in documents:
        place = next(node for node in waiting if xml.local_name(node) == name)
        waiting.remove(place)
        del place.attrib[_NIL]
        place.extend(list(root))


def _zeep() -> Any:
    try:
        return import_module("zeep")
    except ImportError as error:
        raise ConfigError("soap.zeep_missing", TEXTS["soap.zeep_missing"], detail=str(error)) from error


def _settings() -> Any:
    # Not strict: an answer may carry members that were added after the WSDL was read.
    return _zeep().Settings(strict=False, forbid_dtd=True, forbid_entities=True, xml_huge_tree=False)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _unreadable(write: bool, detail: str) -> ConnectorError:
    kind = OutcomeUnknown if write else TransientError
    return kind("soap.answer", TEXTS["soap.answer"], detail=detail)


def _undescribed(detail: str) -> TransientError:
    return TransientError("soap.description", TEXTS["soap.description"], detail=detail)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
