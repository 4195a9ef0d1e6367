"""A simulated Nilvera: its documented addresses on a loopback port, over a simulated account.

Tests change the world through ``account`` and the methods here: ``script`` the fate of a document, let a
buyer ``answer``, let GİB ``fail`` one, ``receive`` an invoice. The default needs no script: a document waits
for one status question and then succeeds, an e-Arşiv invoice is reported one question later.
"""

import base64
import json
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal

from kopru.sdk import Operation, Quota
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, reply, route
from kopru.testing.world import World
from kopru.toolkit import dates
from kopru_nilvera.codes import OUTGOING, Side
from kopru_nilvera.simulation.account import SUPPLIER, Account, Refusal
from kopru_nilvera.simulation.documents import Fate, file_in
from kopru_nilvera.simulation.views import html, pdf

API_KEY = "simulated-key"

_MODULE = "/(?P<module>einvoice|earchive)"
_SENT = "/(?P<module>einvoice/Sale|earchive/Invoices)"
_LISTED = "/(?P<module>einvoice/Sale|earchive/Invoices|einvoice/Purchase)"
_ETTN = "/(?P<ettn>[^/]+)"
_SIDES = {
    "einvoice": Side.E_INVOICE,
    "einvoice/Sale": Side.E_INVOICE,
    "earchive": Side.E_ARCHIVE,
    "earchive/Invoices": Side.E_ARCHIVE,
    "einvoice/Purchase": Side.INCOMING,
}
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_END = datetime(2200, 1, 1, tzinfo=UTC)


class NilveraSimulator(Simulator):
    """One Nilvera account of one company."""

    name: ClassVar[str] = "nilvera"

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
        """Take the base's settings and how many status questions find a document waiting by default."""
        super().__init__(seed=seed, quotas=quotas, read_lag=read_lag, truth=truth, port=port)
        self.account = Account(self.truth.note, self.visible, polls)
        self.api_key = API_KEY
        self.denied: tuple[str, ...] = ()
        """Paths the API key has no permission for."""
        self.wrapping: Literal["json", "raw"] = "json"
        """Whether downloads come as a JSON string or as bare bytes; clients report both."""
        self.largest_page = 100
        """A larger PageSize is cut to this; no limit is published."""

    def config(self) -> dict[str, Any]:
        """Return settings of a connection to this account."""
        return {
            "api_key": self.api_key,
            "environment": "test",
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
            sent = [document for side in OUTGOING for document in self.account.shelves[side].kept]
            if operation is Operation.CANCEL_DOCUMENT:
                sent = [document for document in sent if document.cancelled]
            elif operation is not Operation.SUBMIT_INVOICE:
                sent = []
            return [
                Held(
                    reference=document.ettn,
                    id=document.ettn,
                    number=document.number,
                    total=document.header.payable,
                    live=not document.cancelled and not document.has_failed,
                )
                for document in sent
            ]

    def script(self, ettn: uuid.UUID | str, fate: Fate) -> None:
        """Decide the fate of a document, before or after it is sent."""
        with self.lock:
            self.account.script(str(ettn), fate)

    def answer(self, ettn: uuid.UUID | str, code: str, note: str = "") -> None:
        """Let the buyer of a TICARIFATURA answer now."""
        with self.lock:
            self.account.answer(str(ettn), code, note)

    def fail(self, ettn: uuid.UUID | str, gib_code: int) -> None:
        """Let GİB refuse a document now."""
        self.script(ettn, Fate(polls=0, gib_code=gib_code))

    def report(self, ettn: uuid.UUID | str) -> None:
        """Let an e-Arşiv invoice stand in an accepted report."""
        with self.lock:
            self.account.report(str(ettn))

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

    def handle(self, request: SimRequest) -> SimResponse:
        """Answer one request, one at a time."""
        with self.lock:
            try:
                return super().handle(request)
            except Refusal as refusal:
                return reply(refusal.body, refusal.status)

    def guard(self, request: SimRequest) -> SimResponse | None:
        """Ask for the API key and its permissions."""
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            return reply({"Message": "YETKISIZ ERISIM"}, 401)
        if request.path.startswith(self.denied):
            return reply({"Message": "YETKISIZ ERISIM"}, 403)
        return None

    def too_many(self) -> SimResponse:
        """Refuse a call beyond a quota; Nilvera publishes none."""
        return reply({"Message": "COK FAZLA ISTEK"}, 429, {"retry-after": "1"})

    def not_found(self) -> SimResponse:
        """Refuse an unknown address."""
        refusal = Refusal(404, 3030, "API Bulunamadı.")
        return reply(refusal.body, refusal.status)

    @route("GET", "/general/Company")
    def get_company(self, request: SimRequest) -> SimResponse:
        """Return the company of the key."""
        account = self.account
        own = account.register.get(account.tax_number, [])
        return reply(
            {
                "Name": account.company_name,
                "TaxNumber": account.tax_number,
                "Country": "Türkiye",
                "IsActive": account.active,
                "IsDeleted": False,
                "Aliases": [{"Alias": entry.alias, "AliasType": 1, "Type": 1} for entry in own],
            }
        )

    @route("GET", "/general/Credits")
    def get_credits(self, request: SimRequest) -> SimResponse:
        """Return the one credit package."""
        ends = self.account.credit_ends
        used = sum(len(self.account.shelves[side].kept) for side in OUTGOING)
        package = {
            "Name": "Genel Kontör",
            "ModuleID": 1,
            "TaxNumber": self.account.tax_number,
            "TotalCredit": self.account.credit + used,
            "UsedCredit": used,
            "RemainingCredit": self.account.credit,
            "DurationType": "Year" if ends else "Indefinite",
            "EndDate": self.account.stamp(ends) if ends else "0001-01-01T00:00:00",
            "IsControl": True,
        }
        return reply([package])

    @route("GET", "/general/GlobalCompany/Check/TaxNumber/(?P<tax_number>[^/]+)")
    def check_tax_number(self, request: SimRequest, tax_number: str) -> SimResponse:
        """Return the mailboxes of a taxpayer; none when it is not registered."""
        entries = [entry for entry in self.account.register.get(tax_number, ()) if entry.active]
        if request.param("globalUserType", "Invoice") != "Invoice":
            entries = []
        return reply(
            [
                {
                    "TaxNumber": tax_number,
                    "Title": entry.title,
                    "FirstCreatedTime": self.account.stamp(entries[0].created),
                    "CreationTime": self.account.stamp(entry.created),
                    "DocumentType": "Invoice",
                    "Name": entry.alias,
                    "Type": "Özel",
                }
                for entry in entries
            ]
        )

    @route("GET", f"{_MODULE}/Series")
    def list_series(self, request: SimRequest, module: str) -> SimResponse:
        """Return a page of number series."""
        rows = [
            {
                "ID": series.id,
                "Name": series.name,
                "IsActive": series.active,
                "IsDefault": series.default,
                "Details": [
                    {"ID": year, "Year": str(year), "OrdinalNumber": last}
                    for year, last in sorted(series.last.items())
                ],
            }
            for series in self.account.series[_SIDES[module]].values()
        ]
        return self._page(request, rows)

    @route("POST", f"{_MODULE}/Series")
    def add_series(self, request: SimRequest, module: str) -> SimResponse:
        """Define a number series."""
        try:
            data = dict(request.json())
        except (TypeError, ValueError) as error:
            raise Refusal(400, 400, "Body", "Geçersiz JSON.") from error
        name, active = str(data.get("Name") or ""), bool(data.get("IsActive"))
        series = self.account.add_series(_SIDES[module], name, active=active)
        return reply({"ID": series.id, "Name": series.name, "IsActive": series.active, "Details": []})

    @route("GET", f"{_MODULE}/Templates")
    def list_templates(self, request: SimRequest, module: str) -> SimResponse:
        """Return a page of view templates."""
        codes = self.account.templates[_SIDES[module]]
        rows = [
            {"ID": n, "UUID": code, "Name": f"Şablon {n}", "IsActive": True, "IsDefault": n == 1}
            for n, code in enumerate(codes, start=1)
        ]
        return self._page(request, rows)

    @route("POST", f"{_MODULE}/Send/Xml")
    def send(self, request: SimRequest, module: str) -> SimResponse:
        """Take a UBL document, or say why not."""
        content = file_in(request.headers.get("content-type", ""), request.body)
        if content is None:
            raise Refusal(400, 400, "file", "Nesnesi Null Olamaz.")
        alias, template = request.param("Alias"), request.param("TemplateUUID")
        document = self.account.take(_SIDES[module], content, alias, template)
        return reply({"UUID": document.ettn, "InvoiceNumber": document.number})

    @route("GET", f"{_SENT}{_ETTN}/Status")
    def status(self, request: SimRequest, module: str, ettn: str) -> SimResponse:
        """Return a document's state."""
        return reply(self.account.status(self.account.seen(_SIDES[module], ettn)))

    @route("GET", f"{_LISTED}{_ETTN}/Details")
    def details(self, request: SimRequest, module: str, ettn: str) -> SimResponse:
        """Return a document's particulars."""
        document = self.account.seen(_SIDES[module], ettn)
        header = document.header
        return reply(
            {
                "UUID": document.ettn,
                "InvoiceType": header.kind,
                "InvoiceProfile": header.profile,
                "InvoiceNumber": document.number,
                "IssueDate": header.issue_date.isoformat(),
                "CurrencyCode": header.currency,
            }
        )

    @route("GET", f"{_LISTED}{_ETTN}/(?P<form>xml|pdf|html)")
    def download(self, request: SimRequest, module: str, ettn: str, form: str) -> SimResponse:
        """Return a document as XML, PDF or HTML."""
        document = self.account.seen(_SIDES[module], ettn)
        makers = {"xml": lambda: document.content, "pdf": lambda: pdf(document.number)}
        content = makers.get(form, lambda: html(document))()
        if self.wrapping == "raw":
            return SimResponse(200, content, {"content-type": f"application/{form}"})
        text = base64.b64encode(content).decode() if form == "pdf" else content.decode("utf-8", "replace")
        return SimResponse(
            200, json.dumps(text).encode(), {"content-type": "application/json; charset=utf-8"}
        )

    @route("GET", _LISTED)
    def list_documents(self, request: SimRequest, module: str) -> SimResponse:
        """Return a page of documents by date, in order of creation."""
        account = self.account
        by_issue = request.param("DateFilterType", "IssueDate") == "IssueDate"
        since, until = _date(request, "StartDate", _BEGINNING), _date(request, "EndDate", _END)
        found = account.shelves[_SIDES[module]].select(by_issue, since, until)
        wanted, search = set(request.query.get("StatusCode", ())), request.param("Search").lower()
        if wanted or search or self.read_lag:
            found = [
                document
                for document in found
                if account.visible(document.committed_at)
                and (not wanted or account.state(document) in wanted)
                and (not search or search in (document.ettn, document.number.lower()))
            ]
        if request.param("SortType") == "DESC":
            found = found[::-1]
        return self._page(request, found, account.row)

    @route("PUT", f"/earchive/Invoices{_ETTN}/Cancel")
    def cancel(self, request: SimRequest, ettn: str) -> SimResponse:
        """Cancel an e-Arşiv invoice."""
        self.account.cancel(ettn)
        return reply([ettn])

    @route("PUT", f"/earchive/Invoices{_ETTN}/RevertCancel")
    def revert_cancel(self, request: SimRequest, ettn: str) -> SimResponse:
        """Take a cancellation back."""
        self.account.revert_cancel(ettn)
        return reply([ettn])

    def _page(
        self, request: SimRequest, found: list[Any], row: Callable[[Any], Any] = lambda each: each
    ) -> SimResponse:
        page = max(1, _integer(request, "Page", 1))
        size = min(max(1, _integer(request, "PageSize", 10)), self.largest_page)
        start = (page - 1) * size
        return reply(
            {
                "Page": page,
                "PageSize": size,
                "TotalCount": len(found),
                "TotalPages": -(-len(found) // size),
                "Content": [row(each) for each in found[start : start + size]],
            }
        )


def _integer(request: SimRequest, name: str, default: int) -> int:
    text = request.param(name)
    if text and not text.isdigit():
        raise Refusal(400, 400, name, "Geçersiz değer.")
    return int(text) if text else default


def _date(request: SimRequest, name: str, default: datetime) -> datetime:
    text = request.param(name)
    if not text:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(400, 400, name, "Geçersiz tarih.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=dates.ISTANBUL)


simulator = NilveraSimulator
