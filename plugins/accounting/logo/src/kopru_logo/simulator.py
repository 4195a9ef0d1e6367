"""A simulated Logo Objects REST service: sessions, resource lists, the query door, documents and refusals.

It holds one firm in one period, in memory. Behaviour follows the public description of the service; where
installations differ, ``behaviour`` and the constructor say how this one behaves.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kopru.sdk import Operation, Quota
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, reply, route
from kopru.testing.world import EPOCH, World
from kopru.toolkit import auth
from kopru_logo.simulation import qlang
from kopru_logo.simulation.answers import belongs, body_of, known_fields, login_fields, short, shown
from kopru_logo.simulation.desk import Desk
from kopru_logo.simulation.ledger import Behaviour, Ledger, Refusal, standard_lists
from kopru_logo.simulation.shelf import Body, Entry, Shelf
from kopru_logo.simulation.sqldoor import SqlDoor

API = "/api/v1"
PAGE_CAP = 25
FORM = "application/x-www-form-urlencoded"
_LISTS = "unitSets|paymentPlans|salesmen|projects|soldServices|items|Arps"
_INVOICES = "salesInvoices|purchaseInvoices"


@dataclass(slots=True)
class _Session:
    firm: int
    ends_at: float


class LogoSimulator(Desk, Simulator):
    """One Logo installation on a loopback port."""

    name = "logo"

    def __init__(
        self,
        *,
        seed: int = 0,
        quotas: Iterable[Quota] = (),
        read_lag: float = 0.0,
        truth: Path | None = None,
        port: int = 0,
        firm: int = 1,
        period: int = 1,
        seats: int = 20,
        session_seconds: float = 3600.0,
        post_delay: float = 0.0,
        sql_cap: int | None = None,
        behaviour: Behaviour | None = None,
    ) -> None:
        """Take, besides the base's arguments, what tells this installation from others.

        Args:
            seats: licence seats; each login takes one until it ends.
            session_seconds: life of a login.
            post_delay: seconds a document takes to be posted.
            sql_cap: most rows of one query answer; ``None`` is without limit.
        """
        super().__init__(seed=seed, quotas=quotas, read_lag=read_lag, truth=truth, port=port)
        self.username, self.password = "entegrasyon", "Parola-1"
        self.client_id, self.client_secret = "ornek-istemci", "ornek-anahtar"
        self.client_required = True
        self.token_bodies = {FORM}
        self.seats, self.session_seconds = seats, session_seconds
        self.post_delay = post_delay
        self.sql_open = True
        self.opens_firm = firm
        """The firm a login really opens."""
        this_year = datetime.now(UTC).year
        start, end = date(min(EPOCH.year, this_year), 1, 1), date(max(EPOCH.year, this_year) + 1, 12, 31)
        self.ledger = Ledger(firm, period, start, end, behaviour=behaviour or Behaviour())
        self.ledger.system = standard_lists(firm, period, start, end)
        self.sql = SqlDoor(self.ledger, self._seen, sql_cap)
        self.overlaps = 0
        """How often two documents were posted at the same time."""
        self._posting = 0
        self._posting_lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}
        self._lists = {name: Shelf("CODE") for name in ("unitSets", "paymentPlans", "salesmen", "projects")}
        self._fill_lists()

    def end_sessions(self) -> None:
        """Throw everybody out, as a restart of the service does."""
        with self.lock:
            self._sessions.clear()

    def take_seats(self, count: int) -> None:
        """Let colleagues log in until ``count`` seats are taken."""
        with self.lock:
            while len(self._sessions) < count:
                self._open_session(self.ledger.firm)

    def config(self) -> dict[str, Any]:
        """Return connection settings that fit this installation."""
        return {
            "url": self.url,
            "username": self.username,
            "password": self.password,
            "firm": self.ledger.firm,
            "period": self.ledger.period,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "shipping_service": "KARGO",
            "fee_service": "HIZMET",
            "rounding_service": "YUVARLAMA",
        }

    def load(self, world: World) -> None:
        """Enter the world's items with stock. Partners are made by the connector."""
        for item in world.items:
            self.add_item(
                item.code, item.name, vat=item.vat_rate, barcodes=(item.barcode,), stock=Decimal(item.stock)
            )

    def held(self, operation: Operation) -> list[Held]:
        """Return what writes of one kind left behind, by the short reference that stands on it."""
        with self.lock:
            if operation is Operation.POST_INVOICE:
                return [
                    _held(e, e.body["DOC_TRACK_NR"])
                    for e in self.ledger.invoices
                    if e.body.get("DOC_TRACK_NR")
                ]
            if operation is Operation.POST_ORDER:
                return [
                    _held(e, e.body["DOC_TRACK_NR"]) for e in self.ledger.orders if e.body.get("DOC_TRACK_NR")
                ]
            shelves = {
                Operation.UPSERT_PARTY: self.ledger.parties,
                Operation.UPSERT_PRODUCT: self.ledger.items,
            }
            cards = shelves.get(operation)
            if cards is None:
                return []
            return [_held(e, short(e.body["GUID"])) for e in cards if e.body.get("GUID")]

    def guard(self, request: SimRequest) -> SimResponse | None:
        """Let nobody in without a living session, except to log in."""
        if request.path == f"{API}/token":
            return None
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        session = self._sessions.get(token)
        if session is None or session.ends_at <= time.monotonic():
            return reply({"Message": "Authorization has been denied for this request."}, 401)
        return None

    @route("POST", f"{API}/token")
    def token(self, request: SimRequest) -> SimResponse:
        """Open a session for one firm."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if kind not in self.token_bodies:
            return _refused_login("unsupported_grant_type", "")
        form = login_fields(request.body, kind)
        expected = auth.basic(self.client_id, self.client_secret)["authorization"]
        if self.client_required and request.headers.get("authorization") != expected:
            return _refused_login("invalid_client", "client_id ya da client_secret hatalı")
        if form.get("grant_type") != "password":
            return _refused_login("unsupported_grant_type", "")
        if (form.get("username"), form.get("password")) != (self.username, self.password):
            return _refused_login("invalid_grant", "Kullanıcı adı ya da parola hatalı")
        if form.get("firmno") != str(self.ledger.firm):
            return _refused_login("invalid_grant", f"{form.get('firmno')} numaralı firma bulunamadı")
        with self.lock:
            living = {t: s for t, s in self._sessions.items() if s.ends_at > time.monotonic()}
            self._sessions = living
            if len(living) >= self.seats:
                return _refused_login("invalid_grant", "Lisans: kullanıcı sayısı aşıldı")
            token = self._open_session(self.ledger.firm)
        return reply(
            {
                "access_token": token,
                "token_type": "bearer",
                "expires_in": int(self.session_seconds),
                "refresh_token": secrets.token_hex(16),
                "userName": self.username,
                "firmNo": str(self.opens_firm),
                "sessionId": token[:8],
                "isLoginEx": False,
            }
        )

    @route("GET", f"{API}/methods/(?P<name>\\w+)")
    def method(self, request: SimRequest, name: str) -> SimResponse:
        """Answer a parameterless service method."""
        if name == "revoke":
            with self.lock:
                self._sessions.pop(request.headers["authorization"].removeprefix("Bearer "), None)
            return reply(True)
        answers: Mapping[str, Any] = {
            "versions": {"ApiVersion": "1.0", "ReleaseVersion": "2.84.00.00"},
            "UserCount": self.seats,
            "SerialNo": "00000000",
            "CurrentFirm": self.ledger.firm,
            "CurrentPeriod": self.ledger.period,
            "istokenvalid": True,
            "ping": {"CallStatus": 0, "CallStatusText": "OK"},
        }
        return reply(answers[name]) if name in answers else self.not_found()

    @route("GET", f"{API}/(?:queries|Queries/unsafe)")
    def query(self, request: SimRequest) -> SimResponse:
        """Run one of the known statements."""
        if not self.sql_open:
            return _refusal(Refusal({"OtherError": ["SQL sorgularına izin verilmiyor."]}))
        try:
            with self.lock:
                rows = self.sql.run(request.param("tsql"))
        except Refusal as refusal:
            return _refusal(refusal)
        return reply({"Meta": {"href": request.path}, "count": len(rows), "items": rows})

    @route("GET", f"{API}/(?P<resource>{_LISTS}|{_INVOICES}|salesOrders)")
    def listing(self, request: SimRequest, resource: str) -> SimResponse:
        """Return one page of a resource."""
        limit = min(int(request.param("limit") or PAGE_CAP), PAGE_CAP)
        offset = int(request.param("offset") or 0)
        full = request.param("expandLevel") == "full"
        shelf, query = self._shelf(resource), request.param("q")
        try:
            with self.lock:
                if query:
                    found = [
                        e
                        for e in qlang.select(query, shelf, known_fields(resource))
                        if self._listed(e, resource)
                    ]
                    entries = found[offset : offset + limit]
                else:
                    entries = shelf.part(offset, limit, lambda entry: self._listed(entry, resource))
                items = [shown(entry.body, full=full) for entry in entries]
        except qlang.BadQuery as error:
            return _refusal(Refusal({"OtherError": [f"Sorgu okunamadı: {error}"]}))
        return reply(
            {
                "Meta": {"href": request.path},
                "offset": offset,
                "limit": limit,
                "count": len(items),
                "items": items,
            }
        )

    @route("GET", f"{API}/(?P<resource>{_INVOICES}|salesOrders|Arps|items)/(?P<ref>\\d+)")
    def record(self, request: SimRequest, resource: str, ref: str) -> SimResponse:
        """Return one record."""
        with self.lock:
            entry = self._own(resource, int(ref))
            if entry is None or not self._seen(entry):
                return self.not_found()
            return reply(shown(entry.body, full=request.param("expandLevel") == "full"))

    @route("POST", f"{API}/Arps")
    def new_party(self, request: SimRequest) -> SimResponse:
        """Take a partner card."""
        return self._commit(request, "party.created", self.ledger.store_party)

    @route("POST", f"{API}/items")
    def new_item(self, request: SimRequest) -> SimResponse:
        """Take an item card."""
        return self._commit(request, "item.created", self.ledger.store_item)

    @route("POST", f"{API}/salesOrders")
    def new_order(self, request: SimRequest) -> SimResponse:
        """Take a sales order."""
        return self._posted(request, "ledger_order.posted", self.ledger.store_order)

    @route("POST", f"{API}/salesInvoices")
    def new_sales_invoice(self, request: SimRequest) -> SimResponse:
        """Take a sales or return invoice."""

        def store(body: Body, at: float) -> Body:
            return self.ledger.store_invoice(body, sales=True, committed_at=at)

        return self._posted(request, "invoice.posted", store)

    @route("POST", f"{API}/purchaseInvoices")
    def new_purchase_invoice(self, request: SimRequest) -> SimResponse:
        """Take a purchase invoice."""

        def store(body: Body, at: float) -> Body:
            return self.ledger.store_invoice(body, sales=False, committed_at=at)

        return self._posted(request, "purchase_invoice.posted", store)

    @route("PUT", f"{API}/(?P<resource>{_INVOICES})/(?P<ref>\\d+)")
    def replaced(self, request: SimRequest, resource: str, ref: str) -> SimResponse:
        """Replace an invoice."""
        with self.lock:
            if self._own(resource, int(ref)) is None:
                return self.not_found()
            body = body_of(request.body)
            if body is None:
                return _refusal(Refusal({"LOError": ["Gövde okunamadı."]}))
            try:
                kept = self.ledger.replace_invoice(int(ref), body)
            except Refusal as refusal:
                return _refusal(refusal)
            if kept["CANCELLED"]:
                self.truth.note("invoice.cancelled", id=int(ref), number=kept["NUMBER"])
            return reply(shown(kept, full=True))

    @route("DELETE", f"{API}/(?P<resource>{_INVOICES}|salesOrders)/(?P<ref>\\d+)")
    def deleted(self, request: SimRequest, resource: str, ref: str) -> SimResponse:
        """Delete a document."""
        with self.lock:
            entry = self._own(resource, int(ref))
            if entry is None:
                return self.not_found()
            order = resource == "salesOrders"
            try:
                (self.ledger.delete_order if order else self.ledger.delete_invoice)(int(ref))
            except Refusal as refusal:
                return _refusal(refusal)
            self.truth.note("ledger_order.deleted" if order else "invoice.deleted", id=int(ref))
        return SimResponse(200)

    def _posted(self, request: SimRequest, fact: str, store: Callable[[Body, float], Body]) -> SimResponse:
        with self._posting_lock:
            self.overlaps += self._posting > 0
            self._posting += 1
        try:
            if self.post_delay:
                time.sleep(self.post_delay)
            return self._commit(request, fact, store)
        finally:
            with self._posting_lock:
                self._posting -= 1

    def _commit(self, request: SimRequest, fact: str, store: Callable[[Body, float], Body]) -> SimResponse:
        body = body_of(request.body)
        if body is None:
            return _refusal(Refusal({"LOError": ["Gövde okunamadı."]}))
        try:
            with self.lock:
                kept = store(body, time.time())
                self.truth.note(
                    fact,
                    id=kept["INTERNAL_REFERENCE"],
                    reference=kept.get("DOC_TRACK_NR") or short(str(kept.get("GUID") or "")),
                    number=kept.get("NUMBER") or kept.get("CODE"),
                    total=str(kept.get("TC_NET") or kept.get("TOTAL_NET") or ""),
                )
        except Refusal as refusal:
            return _refusal(refusal)
        if self.ledger.behaviour.answers_reference_only:
            return reply({"INTERNAL_REFERENCE": kept["INTERNAL_REFERENCE"]})
        return reply(shown(kept, full=True))

    def _open_session(self, firm: int) -> str:
        token = secrets.token_hex(24)
        self._sessions[token] = _Session(firm, time.monotonic() + self.session_seconds)
        return token

    def _shelf(self, resource: str) -> Shelf:
        shelves = {
            **self._lists,
            "Arps": self.ledger.parties,
            "items": self.ledger.items,
            "soldServices": self.ledger.services,
            "salesInvoices": self.ledger.invoices,
            "purchaseInvoices": self.ledger.invoices,
            "salesOrders": self.ledger.orders,
        }
        return shelves[resource]

    def _own(self, resource: str, ref: int) -> Entry | None:
        entry = self._shelf(resource).get(ref)
        return entry if entry is not None and belongs(entry, resource) else None

    def _listed(self, entry: Entry, resource: str) -> bool:
        return self._seen(entry) and belongs(entry, resource)

    def _seen(self, entry: Entry) -> bool:
        return not entry.committed_at or self.visible(entry.committed_at)

    def _fill_lists(self) -> None:
        units = [{**row, "CONV_FACT1": 1, "CONV_FACT2": 1} for row in self.ledger.system["UNITS"]]
        self._lists["unitSets"].add(
            {"CODE": "05", "DESCRIPTION": "Adet seti", "MAINUNITCODE": "ADET", "UNITS": {"items": units}}
        )
        self._lists["paymentPlans"].add({"CODE": "PESIN", "DESCRIPTION": "Peşin"})
        self._lists["salesmen"].add({"CODE": "WEB", "NAME": "Web satış"})
        self._lists["projects"].add({"CODE": "ETIC", "NAME": "E-ticaret"})
        for code, name, vat in (
            ("KARGO", "Kargo", 20),
            ("HIZMET", "Hizmet bedeli", 20),
            ("YUVARLAMA", "Yuvarlama", 0),
        ):
            self.ledger.services.add({"CODE": code, "DESCRIPTION": name, "VAT": vat, "SELVAT": vat})


def _held(entry: Entry, reference: str) -> Held:
    body = entry.body
    total = body.get("TC_NET") or body.get("TOTAL_NET")
    return Held(
        reference=reference,
        id=str(body["INTERNAL_REFERENCE"]),
        number=str(body.get("NUMBER") or body.get("CODE") or ""),
        total=Decimal(str(total)) if total is not None else None,
        live=not body.get("CANCELLED"),
    )


def _refused_login(error: str, description: str) -> SimResponse:
    return reply({"error": error, "error_description": description}, 400)


def _refusal(refusal: Refusal) -> SimResponse:
    return reply({"Message": "The request is invalid.", "ModelState": refusal.state}, 400)


simulator = LogoSimulator
