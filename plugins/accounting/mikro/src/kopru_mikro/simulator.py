"""A simulated Mikro API service: logins by the day, two body patterns, refusals in HTTP 200, a SQL method.

It holds one firm in memory. Behaviour follows the public description of the service; where that says
nothing, ``Behaviour`` says how this one behaves, and the wording of refusals is made up.
"""

import hashlib
import re
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kopru.sdk import Operation, Quota
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, reply, route
from kopru.testing.world import World
from kopru.toolkit import dates
from kopru_mikro.codes import Version
from kopru_mikro.simulation.database import Refusal, Row
from kopru_mikro.simulation.ledger import Behaviour, Ledger

API = "/Api/APIMethods"
_KEY = re.compile(r"[0-9a-f]{16}(?= |$)")
_LOGIN = ("FirmaKodu", "CalismaYili", "KullaniciKodu", "Sifre", "ApiKey")


class MikroSimulator(Simulator):
    """One Mikro service with one firm on a loopback port. Its database shows a write at once."""

    name = "mikro"

    def __init__(
        self,
        *,
        seed: int = 0,
        quotas: Iterable[Quota] = (),
        read_lag: float = 0.0,
        truth: Path | None = None,
        port: int = 0,
        version: Version = Version.V17,
        behaviour: Behaviour | None = None,
    ) -> None:
        """Take, besides the base's arguments, the version and what tells this installation from others."""
        super().__init__(seed=seed, quotas=quotas, read_lag=read_lag, truth=truth, port=port)
        self.version = version
        self.firm, self.username, self.password = "ORNEK", "KOPRU", "Parola-1"
        self.api_key = "ornek-api-anahtari"
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        """The server's clock; the daily password is checked against its Turkish day."""
        self.status = "Up"
        self.years: tuple[int, ...] = ()
        """Working years that are open; none means every one."""
        self.overlaps = 0
        """How often two writes ran at the same time."""
        self.ledger = Ledger(behaviour or Behaviour())
        self._writing = 0
        self._loaded: set[str] = set()
        self._gate = threading.Lock()
        for code, name, rate in (
            ("KARGO", "Kargo", 20),
            ("HIZMET", "Hizmet", 20),
            ("YUVARLAMA", "Yuvarlama", 0),
        ):
            self.add_item(code, name, vat=Decimal(rate))

    def address(self, request: SimRequest) -> str:
        """Return the operation, without its version: everything is a POST below one path."""
        return request.path.removesuffix("V2").removesuffix("V3")

    def config(self) -> dict[str, Any]:
        """Return connection settings that fit this installation."""
        return {
            "url": self.url,
            "version": self.version.value,
            "firm_code": self.firm,
            "username": self.username,
            "password": self.password,
            "api_key": self.api_key,
            "shipping_item": "KARGO",
            "fee_item": "HIZMET",
            "rounding_item": "YUVARLAMA",
        }

    def load(self, world: World) -> None:
        """Enter the world's items with stock. Partners are made by the connector."""
        for item in world.items:
            if item.code not in self._loaded:
                self._loaded.add(item.code)
                self.add_item(
                    item.code,
                    item.name,
                    vat=item.vat_rate,
                    barcodes=(item.barcode,),
                    stock=Decimal(item.stock),
                )

    def held(self, operation: Operation) -> list[Held]:
        """Return what writes of one kind left behind, by the key in their text; cards by their code."""
        database = self.ledger.database
        with self.lock:
            if operation is Operation.POST_INVOICE:
                rows = database.find("CARI_HESAP_HAREKETLERI", cha_satir_no=0)
                return [_held(row, "cha", row["cha_aciklama"], row["cha_meblag"]) for row in rows]
            if operation is Operation.POST_ORDER:
                return [self._held_order(row) for row in database.find("SIPARISLER", sip_satirno=0)]
            cards = {
                Operation.UPSERT_PARTY: ("CARI_HESAPLAR", "cari"),
                Operation.UPSERT_PRODUCT: ("STOKLAR", "sto"),
            }
            if operation not in cards:
                return []
            table, prefix = cards[operation]
            rows = database.find(table)
        return [Held(row[f"{prefix}_kod"], row[f"{prefix}_Guid"], row[f"{prefix}_kod"]) for row in rows]

    def add_item(
        self,
        code: str,
        name: str,
        *,
        vat: Decimal = Decimal(20),
        barcodes: Iterable[str] = (),
        stock: Decimal | None = None,
        **further: Any,
    ) -> None:
        """Enter an item card by hand, with its stock in warehouse 1; without stock it was never moved."""
        card = {
            "sto_kod": code,
            "sto_isim": name,
            "sto_birim1_ad": "ADET",
            "sto_toptan_vergi": vat,
            "sto_perakende_vergi": vat,
            "barkodlar": [{"bar_kodu": barcode, "bar_birimpntr": 1} for barcode in barcodes],
            **further,
        }
        with self.lock:
            self.ledger.store_item(card)
            if stock is not None:
                self.ledger.set_stock(code, stock)

    def add_party(self, code: str, title: str, **further: Any) -> None:
        """Enter a partner card by hand."""
        with self.lock:
            self.ledger.store_party({"cari_kod": code, "cari_unvan1": title, **further})

    def set_stock(self, code: str, quantity: Decimal, *, warehouse: int = 1) -> None:
        """Count an item's stock anew."""
        with self.lock:
            self.ledger.set_stock(code, quantity, warehouse)

    def set_price(self, code: str, price: Decimal, *, listed: int = 1, currency: int = 0) -> None:
        """Enter an item's price in one of the price lists; the first contains VAT."""
        row = {"sfiyat_stokkod": code, "sfiyat_listesirano": listed, "sfiyat_fiyati": price}
        with self.lock:
            self.ledger.database.insert("STOK_SATIS_FIYAT_LISTELERI", {**row, "sfiyat_doviz": currency})

    def change(self, table: str, column: str, value: Any, **equal: Any) -> None:
        """Change records as people do in the accounting program."""
        with self.lock:
            self.ledger.database.change(table, column, value, **equal)

    def deliver(self, sequence: int) -> None:
        """Deliver an order completely."""
        self.change("SIPARISLER", "sip_teslim_miktar", 1, sip_evrakno_sira=sequence)

    @route("GET", f"{API}/HealthCheck2?")
    def health(self, request: SimRequest) -> SimResponse:
        """Say how the service is; this needs no login."""
        return _answer({"ApiStatus": self.status})

    @route("POST", f"{API}/(?P<method>\\w+)")
    def method(self, request: SimRequest, method: str) -> SimResponse:
        """Call a method; what goes wrong in it is told inside HTTP 200."""
        handler = self._methods().get(method)
        if handler is None:
            return self.not_found()
        try:
            body = request.json()
        except (ValueError, RecursionError):
            return _refused("Json okunamadı.")
        try:
            login = self._logged_in(body)
            return _answer(handler(body, login))
        except Refusal as refusal:
            return _refused(str(refusal))

    def not_found(self) -> SimResponse:
        """Answer an address nobody serves."""
        return SimResponse(404, b"", {"content-type": "text/html"})

    def _methods(self) -> dict[str, Callable[[Row, Row], Any]]:
        methods: dict[str, Callable[[Row, Row], Any]] = {
            "CariListesiV2": lambda body, login: {"CariListesi": self._listed(body, "CARI_HESAPLAR", "cari")},
            "StokListesiV2": lambda body, login: {"StokListesi": self._listed(body, "STOKLAR", "sto")},
            "VergiListesiV2": lambda body, login: {"VergiListesi": self._tax_table()},
            "CariKaydetV2": self._writer("cariler", "party.created", self._party),
            "StokKaydetV2": self._writer("stoklar", "item.created", self._item),
            "FaturaKaydetV2": self._writer("evraklar", "invoice.posted", self._invoice),
            "FaturaKaydetV3": self._writer("evraklar", "invoice.posted", self._service_invoice),
            "SiparisKaydetV2": self._writer("evraklar", "ledger_order.posted", self._order),
            "AlimSatimEvragiSilV2": self._writer("evraklar", "invoice.deleted", self._invoice_deleted),
            "SiparisSilV2": self._writer("evraklar", "ledger_order.deleted", self._order_deleted),
        }
        if self.version is Version.V17:
            methods["SqlVeriOkuV2"] = self._sql
        return methods

    def _logged_in(self, body: Any) -> Row:
        login = body.get("Mikro") if isinstance(body, dict) else None
        if not isinstance(login, dict):
            raise Refusal("Json da Mikro bilgisi eksik!")
        if not login.get("ApiKey"):
            raise Refusal("Json da ApiKey bilgisi eksik!")
        if login["ApiKey"] != self.api_key:
            raise Refusal("Geçersiz api key")
        missing = [name for name in _LOGIN if not login.get(name)]
        if missing:
            raise Refusal(f"Json da {missing[0]} bilgisi eksik!")
        if login["FirmaKodu"] != self.firm:
            raise Refusal(f"Firma bulunamadı: {login['FirmaKodu']}")
        day = dates.local_date(self.clock())
        expected = hashlib.md5(f"{day.isoformat()} {self.password}".encode()).hexdigest()
        if login["KullaniciKodu"] != self.username or login["Sifre"] != expected:
            raise Refusal("Kullanıcı kodu veya şifre hatalı.")
        if self.years and int(login["CalismaYili"]) not in self.years:
            raise Refusal(f"{login['CalismaYili']} çalışma yılı tanımlı değil.")
        return login

    def _sql(self, body: Row, login: Row) -> Any:
        statement = body.get("SQLSorgu")
        if not isinstance(statement, str):
            raise Refusal("SQLSorgu bilgisi eksik!")
        with self.lock:
            rows = self.ledger.database.select(statement)
        if not rows and not self.ledger.behaviour.empty_rows:
            return []
        return [{"SQLResult1": rows}]

    def _listed(self, body: Row, table: str, prefix: str) -> list[Row]:
        size, index = int(body.get("Size") or 100), int(body.get("Index") or 0)
        sort = str(body.get("Sort") or f"{prefix}_kod")
        start = index if self.ledger.behaviour.index_counts == "row" else index * size
        order = f"ORDER BY {sort.removeprefix('-')} {'DESC' if sort.startswith('-') else 'ASC'}"
        with self.lock:
            found = self.ledger.database.find(table, order, **{f"{prefix}_iptal": 0})
        return found[start : start + size]

    def _tax_table(self) -> list[Row]:
        return [{"No": pointer, "Oran": rate} for pointer, rate in self.ledger.behaviour.tax_table.items()]

    def _writer(
        self, name: str, fact: str, store: Callable[[Row, int], Row | None]
    ) -> Callable[[Row, Row], Any]:
        """Return a method that takes an array inside ``Mikro`` and keeps its entries."""

        def write(body: Row, login: Row) -> Any:
            entries = login.get(name)
            if not isinstance(entries, list) or not entries:
                raise Refusal(f"Json da {name} bilgisi eksik!")
            with self._gate:
                self.overlaps += self._writing > 0
                self._writing += 1
            try:
                with self.lock:
                    for entry in entries:
                        self._note(fact, store(entry, int(login["CalismaYili"])))
            finally:
                with self._gate:
                    self._writing -= 1
            return {}

        return write

    def _note(self, fact: str, kept: Row | None) -> None:
        if kept is None:
            return
        prefix = next(name.partition("_")[0] for name in kept if name.endswith("_Guid"))
        text = str(kept.get("cha_aciklama") or kept.get("cari_kod") or kept.get("sto_kod") or "")
        self.truth.note(
            fact,
            id=kept[f"{prefix}_Guid"],
            reference=text.partition(" ")[0],
            number=str(kept.get(f"{prefix}_evrakno_sira") or ""),
            total=str(kept.get("cha_meblag") or ""),
        )

    def _party(self, card: Row, year: int) -> Row:
        return self.ledger.store_party(card)

    def _item(self, card: Row, year: int) -> Row:
        return self.ledger.store_item(card)

    def _invoice(self, document: Row, year: int) -> Row:
        return self.ledger.store_invoice(document, year)

    def _service_invoice(self, document: Row, year: int) -> Row:
        return self.ledger.store_invoice(document, year, services=True)

    def _order(self, document: Row, year: int) -> Row:
        return self.ledger.store_order(document, year)

    def _invoice_deleted(self, target: Row, year: int) -> Row | None:
        return self.ledger.delete_invoice(target)

    def _order_deleted(self, target: Row, year: int) -> Row | None:
        return self.ledger.delete_order(target)

    def _held_order(self, row: Row) -> Held:
        place = {"egk_evr_seri": row["sip_evrakno_seri"], "egk_evr_sira": row["sip_evrakno_sira"]}
        notes = self.ledger.database.find("EVRAK_ACIKLAMALARI", **place)
        return _held(row, "sip", notes[0]["egk_evracik1"] if notes else "", None)


def _held(row: Row, prefix: str, text: str, total: float | None) -> Held:
    key = _KEY.match(text)
    return Held(
        reference=key[0] if key else "",
        id=row[f"{prefix}_Guid"],
        number=str(row[f"{prefix}_evrakno_sira"]),
        total=None if total is None else Decimal(str(total)),
        live=not row[f"{prefix}_iptal"],
    )


def _answer(data: Any) -> SimResponse:
    return reply({"result": [{"StatusCode": 200, "ErrorMessage": "", "IsError": False, "Data": data}]})


def _refused(said: str) -> SimResponse:
    entry = {"StatusCode": 500, "ErrorMessage": said, "IsError": True, "Data": None}
    return reply({"result": [entry]})


simulator = MikroSimulator
