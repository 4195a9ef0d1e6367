"""A simulated Uyumsoft account: both SOAP interfaces, their descriptions, logins, refusals in words."""

import base64
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal

from lxml import etree

from kopru.sdk import Operation, Quota, Rejected
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, route
from kopru.testing.world import World
from kopru.toolkit import xml
from kopru_uyumsoft.simulation import description, messages
from kopru_uyumsoft.simulation.account import SUPPLIER, Account, Refusal, Sent
from kopru_uyumsoft.simulation.description import NAMESPACE, OPERATIONS, UBL
from kopru_uyumsoft.simulation.documents import CODES, Fate, Kept, html, pdf
from kopru_uyumsoft.simulation.messages import Message, answer, fault, node, stamp

USERNAME = "simulated-user"
PASSWORD = "simulated-password"

_SERVICE = "/Services/(?P<interface>Integration|BasicIntegration)"
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_END = datetime(2200, 1, 1, tzinfo=UTC)
_SKEW = timedelta(minutes=5)
_LOGIN_WORDS = "Kullanıcı adı veya şifre hatalı."


class UyumsoftSimulator(Simulator):
    """One Uyumsoft account of one company."""

    name: ClassVar[str] = "uyumsoft"

    def __init__(
        self,
        *,
        seed: int = 0,
        quotas: Iterable[Quota] = (),
        read_lag: float = 0.0,
        truth: Path | None = None,
        port: int = 0,
        polls: int = 1,
    ) -> None:
        """Take the base's settings and how many status questions find a document on its way by default."""
        super().__init__(seed=seed, quotas=quotas, read_lag=read_lag, truth=truth, port=port)
        self.account = Account(self.truth.note, self.visible, polls)
        self.username, self.password = USERNAME, PASSWORD
        self.interface: Literal["integration", "basic"] = "integration"
        """The interface ``config`` connects to; both are served."""
        self.largest_page = 100
        """A larger PageSize is cut to this; no limit is published."""

    def config(self) -> dict[str, Any]:
        """Return settings of a connection to this account."""
        return {
            "username": self.username,
            "password": self.password,
            "environment": "test",
            "interface": self.interface,
            "test_url": self.url,
            "tax_number": self.account.tax_number,
            "local_network": True,
        }

    def load(self, world: World) -> None:
        """Take the world's seller as the company and its registered buyers into the register."""
        with self.lock:
            self.account.company_name, self.account.tax_number = world.seller.name, world.seller.tax_number
            for buyer in (world.seller, *world.buyers):
                title = buyer.name or f"{buyer.first_name} {buyer.last_name}"
                for alias in buyer.aliases:
                    self.account.enrol(buyer.tax_number, title, alias)

    def held(self, operation: Operation) -> list[Held]:
        """Return sent documents, or cancelled ones; the reference is the ETTN."""
        with self.lock:
            sent = list(self.account.outbox.kept)
            if operation is Operation.CANCEL_DOCUMENT:
                sent = [document for document in sent if document.cancelled]
            elif operation is not Operation.SUBMIT_INVOICE:
                sent = []
            return [
                Held(
                    reference=document.ettn,
                    id=document.ettn,
                    number=document.header.number,
                    total=document.header.payable,
                    live=not document.cancelled and not document.has_failed,
                )
                for document in sent
            ]

    # Changing the world

    def script(self, ettn: uuid.UUID | str, fate: Fate) -> None:
        """Decide the fate of a document, before or after it is sent."""
        with self.lock:
            self.account.script(str(ettn), fate)

    def answer(self, ettn: uuid.UUID | str, code: str) -> None:
        """Let the buyer of a TICARIFATURA answer now."""
        with self.lock:
            self.account.answer(str(ettn), code)

    def fail(self, ettn: uuid.UUID | str, gib_code: int) -> None:
        """Let GİB refuse a document now."""
        self.script(ettn, Fate(polls=0, gib_code=gib_code))

    def receive(
        self,
        *,
        number: str = "",
        sender: tuple[str, str] = SUPPLIER,
        payable: Decimal = Decimal("120.00"),
        profile: str = "TEMELFATURA",
        content: bytes | None = None,
    ) -> str:
        """Let an invoice arrive in the inbox and return its ETTN; ``content`` replaces its XML as it is."""
        with self.lock:
            return self.account.receive(number, sender, payable, profile, content)

    # How it answers

    def handle(self, request: SimRequest) -> SimResponse:
        """Answer one request, one at a time."""
        with self.lock:
            return super().handle(request)

    def address(self, request: SimRequest) -> str:
        """Return the path with the operation called, as every operation of an interface has one path."""
        if request.method != "POST":
            return f"{request.path}/{'wsdl' if 'wsdl' in request.query else request.param('xsd')}"
        action = request.headers.get("soapaction", "").strip('"')
        return f"{request.path}/{action.rpartition('/')[2]}"

    def too_many(self) -> SimResponse:
        """Refuse a call beyond a quota; Uyumsoft publishes none."""
        return SimResponse(429, b"Too Many Requests", {"content-type": "text/plain", "retry-after": "1"})

    def not_found(self) -> SimResponse:
        """Refuse an unknown address."""
        return SimResponse(404, b"<html><body>404</body></html>", {"content-type": "text/html"})

    @route("GET", _SERVICE)
    def describe(self, request: SimRequest, interface: str) -> SimResponse:
        """Return the description of an interface, or a schema of it."""
        wanted = "wsdl" in request.query or "wsdl" in request.param("wsdl")
        content = (
            description.wsdl(interface) if wanted else description.schema(interface, request.param("xsd"))
        )
        if content is None:
            return self.not_found()
        return SimResponse(200, content, {"content-type": "text/xml; charset=utf-8"})

    @route("POST", _SERVICE)
    def call(self, request: SimRequest, interface: str) -> SimResponse:
        """Carry out an operation."""
        try:
            message = messages.read(request.body)
        except Rejected:
            return fault("s:Client", "The message is not well-formed.")
        if message is None or message.operation not in OPERATIONS:
            return fault("a:ActionNotSupported", "The message cannot be processed at the receiver.")
        expected = f'"{NAMESPACE}I{interface}/{message.operation}"'
        if request.headers.get("soapaction") != expected:
            return fault("a:ActionNotSupported", "The action does not fit the message.")
        if refusal := self._login(message, interface):
            return refusal
        try:
            return self._carry_out(message)
        except Refusal as refused:
            return answer(message.operation, refusal=str(refused))

    def _login(self, message: Message, interface: str) -> SimResponse | None:
        if interface == "BasicIntegration":
            user = message.argument("userInfo")
            given = (user.get("Username"), user.get("Password")) if user is not None else (None, None)
            return None if self._is_login(given) else answer(message.operation, refusal=_LOGIN_WORDS)
        security = message.header.find("{*}Security") if message.header is not None else None
        if security is None or not self._is_fresh(security):
            return fault("a:InvalidSecurity", "An error occurred when verifying security for the message.")
        token = "{*}UsernameToken"
        pair = (xml.text(security, f"{token}/{{*}}Username"), xml.text(security, f"{token}/{{*}}Password"))
        return None if self._is_login(pair) else fault("s:Client", _LOGIN_WORDS)

    def _is_login(self, given: tuple[str | None, str | None]) -> bool:
        return given == (self.username, self.password)

    def _is_fresh(self, security: xml.Element) -> bool:
        try:
            created, expires = (
                datetime.fromisoformat(xml.required_text(security, f"{{*}}Timestamp/{{*}}{name}"))
                for name in ("Created", "Expires")
            )
        except (Rejected, ValueError):
            return False
        now = self.account.clock()
        return created - _SKEW <= now <= expires + _SKEW

    def _carry_out(self, message: Message) -> SimResponse:
        operation = message.operation
        box, what = ("Inbox" if "Inbox" in operation else "Outbox"), operation.rpartition("Invoice")[2]
        if operation in ("QueryOutboxInvoiceStatus", "GetOutboxInvoiceStatusWithLogs"):
            return self._statuses(message)
        if what == "List":
            return self._list(message, box)
        if what in ("Data", "Pdf", "View"):
            return self._download(message, box, what)
        handler = {
            "TestConnection": lambda _: answer(operation, flag=True),
            "WhoAmI": self._who_am_i,
            "IsEInvoiceUser": self._is_user,
            "GetUserAliasses": self._aliases,
            "SendInvoice": self._send,
            "CancelEArchiveInvoice": self._cancel,
        }[operation]
        return handler(message)

    def _who_am_i(self, message: Message) -> SimResponse:
        account = self.account
        customer = node(
            "Customer",
            children=(node("Name", text=account.company_name), node("VkTckNo", text=account.tax_number)),
        )
        services = node("Services", {name: str(on).lower() for name, on in account.services.items()})
        return answer(message.operation, (node("Value", children=(customer, services)),))

    def _is_user(self, message: Message) -> SimResponse:
        entries = self.account.register.get(message.text("vknTckn"), ())
        return answer(message.operation, flag=any(entry.enabled for entry in entries))

    def _aliases(self, message: Message) -> SimResponse:
        number = message.text("vknTckn")
        entries = self.account.register.get(number, [])
        own = number == self.account.tax_number
        if not entries and not own:
            raise Refusal("Kullanıcı bulunamadı.")
        title = entries[0].title if entries else self.account.company_name
        boxes = [_alias("ReceiverboxAliases", entry.alias, 1, entry.enabled) for entry in entries]
        boxes += [_alias("SenderboxAliases", alias, 0, True) for alias in self.account.sender_aliases if own]
        definition = node("Definition", {"Identifier": number, "Title": title, "Type": "Ozel"})
        return answer(message.operation, (node("Value", children=(definition, *boxes)),))

    def _send(self, message: Message) -> SimResponse:
        path = f"{{{NAMESPACE}}}invoices/{{{NAMESPACE}}}InvoiceInfo"
        taken = [self.account.take(_sent(info)) for info in message.body.findall(path)]
        if not taken:
            raise Refusal("Gönderilecek fatura yok.")
        values = [
            node(
                "Value",
                {
                    "Id": document.ettn,
                    "Number": document.header.number,
                    "InvoiceScenario": "eArchive" if document.side.value == "e_archive" else "eInvoice",
                },
            )
            for document in taken
        ]
        return answer(message.operation, values)

    def _cancel(self, message: Message) -> SimResponse:
        request = message.argument("request")
        if request is None or not request.get("CancelDate"):
            raise Refusal("İptal tarihi belirtilmelidir.")
        self.account.cancel(request.get("InvoiceId") or "")
        return answer(message.operation, flag=True)

    def _statuses(self, message: Message) -> SimResponse:
        found = self.account.known(message.texts("invoiceIds"))
        logs = message.operation.endswith("WithLogs")
        values = [node("Value", self._status(document, logs=logs)) for document in found]
        if not logs:
            for document in found:
                document.asked += 1
        return answer(message.operation, values)

    def _status(self, document: Kept, *, logs: bool) -> dict[str, str | None]:
        status = self.account.status(document)
        return {
            "Status": status,
            "StatusCode": str(CODES.get(status, 9999)),
            "InvoiceId": document.ettn,
            "Message": (document.fate.error or f"GİB {document.fate.gib_code}")
            if status == "Error"
            else status,
            "EnvelopeStatusCode": str(document.fate.gib_code) if logs else None,
        }

    def _list(self, message: Message, box: str) -> SimResponse:
        query = message.argument("query")
        if query is None:
            raise Refusal("Sorgu belirtilmelidir.")
        found = self._selected(query, box)
        index, size = int(query.get("PageIndex", "0")), int(query.get("PageSize", "20"))
        size = min(max(1, size), self.largest_page)
        paged = {
            "PageIndex": str(index),
            "PageSize": str(size),
            "TotalCount": str(len(found)),
            "TotalPages": str(-(-len(found) // size)),
        }
        rows = [self._row(document) for document in found[index * size : (index + 1) * size]]
        return answer(message.operation, (node("Value", paged, rows),))

    def _selected(self, query: xml.Element, box: str) -> list[Kept]:
        ettns = xml.texts(query, f"{{{NAMESPACE}}}InvoiceIds")
        if ettns:
            return [document for ettn in ettns if (document := self.account.seen(box, ettn))]
        by = "Execution" if xml.text(query, f"{{{NAMESPACE}}}ExecutionStartDate") else "Create"
        since, until = _date(query, f"{by}StartDate", _BEGINNING), _date(query, f"{by}EndDate", _END)
        found = self.account.box(box).select(by, since, until)
        if not self.read_lag:
            return found
        return [document for document in found if self.account.visible(document.committed_at)]

    def _row(self, document: Kept) -> xml.Element:
        header, status = document.header, self.account.status(document)
        incoming = document.side.value == "incoming_invoice"
        fields = {
            "InvoiceId": document.ettn,
            "DocumentId": header.number,
            "Type": document.type,
            "TargetTcknVkn": header.sender_tax_number if incoming else header.buyer_tax_number,
            "TargetTitle": header.sender_name if incoming else None,
            "Status": status,
            "StatusCode": str(CODES.get(status, 9999)),
            "CreateDateUtc": stamp(document.created, utc=True),
            "ExecutionDate": stamp(document.issued, utc=False),
            "PayableAmount": str(header.payable),
            "DocumentCurrencyCode": header.currency,
        }
        return node("Items", children=[node(name, text=value) for name, value in fields.items() if value])

    def _download(self, message: Message, box: str, what: str) -> SimResponse:
        ettn = message.text("invoiceId")
        document = self.account.seen(box, ettn)
        if document is None:
            raise Refusal("Fatura bulunamadı.")
        if what == "View":
            value = node("Value", children=(node("Html", text=html(document)),))
        else:
            content = document.content if what == "Data" else pdf(document.header.number)
            data = node("Data", text=base64.b64encode(content).decode())
            value = node("Value", {"InvoiceId": ettn}, (data,))
        return answer(message.operation, (value,))


def _sent(info: xml.Element) -> Sent:
    """Take a document out of a message, as a server that reads it into typed objects does."""
    own = f"{{{NAMESPACE}}}"
    document = etree.Element(f"{{{UBL}}}Invoice")
    place = info.find(f"{own}Invoice")
    if place is not None:
        document.extend(list(place))
    customer, archive = info.find(f"{own}TargetCustomer"), info.find(f"{own}EArchiveInvoiceInfo")
    return Sent(
        content=xml.serialize(document),
        scenario=xml.text(info, f"{own}Scenario"),
        buyer=(customer.get("VknTckn") or "") if customer is not None else "",
        alias=(customer.get("Alias") or "") if customer is not None else "",
        delivery=(archive.get("DeliveryType") or "") if archive is not None else "",
        info=etree.tostring(info, encoding="unicode"),
    )


def _alias(name: str, alias: str, kind: int, enabled: bool) -> xml.Element:
    return node(
        name,
        {
            "Alias": alias,
            "Type": str(kind),
            "SystemCreateDate": "2020-01-01T00:00:00",
            "Enabled": str(enabled).lower(),
        },
    )


def _date(query: xml.Element, name: str, default: datetime) -> datetime:
    text = xml.text(query, f"{{{NAMESPACE}}}{name}")
    if not text:
        return default
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


simulator = UyumsoftSimulator
