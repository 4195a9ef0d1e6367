"""What the simulated service does with cards and documents: checks, numbers, totals and stock."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kopru.model.money import ZERO, vat_of
from kopru_mikro.simulation.database import TABLES, Database, Refusal, Row, Style

_LENGTHS = {
    "cari_kod": 25,
    "cari_unvan1": 127,
    "cari_unvan2": 127,
    "adr_cadde": 50,
    "adr_mahalle": 50,
    "adr_sokak": 50,
    "adr_ilce": 50,
    "adr_il": 50,
    "adr_posta_kodu": 8,
    "sto_kod": 25,
    "sto_isim": 127,
    "sto_birim1_ad": 10,
    "cha_kod": 25,
    "cha_aciklama": 40,
    "sth_stok_kod": 25,
    "sth_aciklama": 50,
    "sip_aciklama": 50,
    "sip_stok_kod": 25,
}
_TAX_TABLE = {1: Decimal(0), 2: Decimal(1), 3: Decimal(10), 4: Decimal(20), 5: Decimal(26)}
_USER_COLUMN = "entegrasyon_no"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this installation differs from others, where the documentation leaves it open.

    ``keeps_…`` say whether a member is accepted or silently dropped. ``empty_rows`` says whether a SELECT
    without rows is answered by an empty list of rows or by empty data. ``index_counts`` is what ``Index``
    of a list counts. ``updates_cards`` says what a second card with one code does. ``records`` is the limit
    of a demo firm.
    """

    style: Style = field(default_factory=Style)
    tax_table: dict[int, Decimal] = field(default_factory=lambda: dict(_TAX_TABLE))
    keeps_description: bool = True
    keeps_document_number: bool = True
    keeps_external_id: bool = False
    keeps_order_vat: bool = True
    deletes: bool = True
    empty_rows: bool = True
    index_counts: str = "page"
    updates_cards: bool = False
    records: int | None = None


class Ledger:
    """One firm. Not thread-safe: callers hold a lock."""

    def __init__(self, behaviour: Behaviour) -> None:
        """Take how this installation behaves, and define what every firm has."""
        self.behaviour = behaviour
        self.ignored: list[str] = []
        """Members of requests that this service does not know."""
        self._stock: dict[str, dict[int, Decimal]] = {}
        functions: dict[str, tuple[int, Callable[..., Any]]] = {
            "fn_VergiYuzde": (1, lambda pointer: float(behaviour.tax_table.get(pointer, ZERO))),
            "fn_EldekiMiktar": (1, lambda code: float(self.on_hand(code))),
            "fn_DepodakiMiktar": (3, lambda code, place, day: float(self.on_hand(code, place))),
            "fn_Hareketli": (1, lambda code: code in self._stock),
        }
        self.database = Database(functions, behaviour.style)
        self._define()

    def on_hand(self, code: str, warehouse: int | None = None) -> Decimal:
        """Return an item's quantity in one warehouse, or in all together."""
        held = self._stock.get(code, {})
        return sum(held.values(), ZERO) if warehouse is None else held.get(warehouse, ZERO)

    def set_stock(self, code: str, quantity: Decimal, warehouse: int = 1) -> None:
        """Count an item anew."""
        self._stock.setdefault(code, {})[warehouse] = quantity

    def store_party(self, card: Row) -> Row:
        """Take a partner card with its addresses."""
        code = self._card("CARI_HESAPLAR", "cari_kod", card, "Cari")
        if not str(card.get("cari_unvan1") or "").strip():
            raise Refusal("Cari unvanı boş olamaz.")
        for number, address in enumerate(_children(card, "adres"), start=1):
            self._short_enough(address)
            self.database.insert(
                "CARI_HESAP_ADRESLERI", {**address, "adr_cari_kod": code, "adr_adres_no": number}
            )
        self.database.delete("CARI_HESAPLAR", cari_kod=code)
        kept = {**card, "cari_Guid": _new_guid()}
        self.database.insert("CARI_HESAPLAR", kept)
        return kept

    def store_item(self, card: Row) -> Row:
        """Take an item card with its barcodes. VAT fields of requests are rates, columns are pointers."""
        code = self._card("STOKLAR", "sto_kod", card, "Stok")
        pointers = {rate: pointer for pointer, rate in sorted(self.behaviour.tax_table.items(), reverse=True)}
        kept = {**card, "sto_Guid": _new_guid()}
        for name in ("sto_toptan_vergi", "sto_perakende_vergi"):
            kept[name] = pointers.get(_number(card, name), 0)
        self.database.delete("STOKLAR", sto_kod=code)
        self.database.insert("STOKLAR", kept)
        for barcode in _children(card, "barkodlar"):
            self.database.insert("BARKOD_TANIMLARI", {**barcode, "bar_stokkodu": code})
        return kept

    def store_invoice(self, document: Row, year: int, *, services: bool = False) -> Row:
        """Take an invoice: check it, number it, add it up and move the stock."""
        header = {name: value for name, value in document.items() if not isinstance(value, list)}
        self._limit()
        self._short_enough(header)
        day = _day(header, "cha_tarihi", year)
        self._exists("CARI_HESAPLAR", "cari_kod", header.get("cha_kod"), "Cari hesap")
        lines = [] if services else self._movements(document, year)
        total = _number(header, "cha_meblag") if services else sum(map(_line_total, lines), ZERO)
        series, kind = str(header.get("cha_evrakno_seri") or ""), int(_number(header, "cha_evrak_tip"))
        guid = _new_guid()
        kept = {
            **self._known("CARI_HESAP_HAREKETLERI", header),
            "cha_Guid": guid,
            "cha_evrakno_sira": self._sequence(
                "CARI_HESAP_HAREKETLERI", "cha", header, {"cha_evrak_tip": kind, "cha_evrakno_seri": series}
            ),
            "cha_tarihi": day,
            "cha_meblag": total,
        }
        self._forget(kept)
        self._own_columns("OZEL_FATURA", document, guid)
        self.database.insert("CARI_HESAP_HAREKETLERI", kept)
        for number, line in enumerate(lines):
            movement = {**line, "sth_Guid": _new_guid(), "sth_fat_uid": guid, "sth_satirno": number}
            self.database.insert("STOK_HAREKETLERI", {**movement, "sth_tarih": day})
            self._move(line, 1)
        return kept

    def store_order(self, document: Row, year: int) -> Row:
        """Take a sales order: one row per line, one number for all."""
        rows = _children(document, "satirlar")
        if not rows:
            raise Refusal("Sipariş satırı bulunamadı.")
        self._limit()
        first = rows[0]
        place = {name: first.get(name, 0) for name in ("sip_tip", "sip_cins", "sip_evrakno_seri")}
        sequence = self._sequence("SIPARISLER", "sip", first, place)
        kept = []
        for number, row in enumerate(rows):
            self._short_enough(row)
            self._exists("CARI_HESAPLAR", "cari_kod", row.get("sip_musteri_kod"), "Cari hesap")
            self._exists("STOKLAR", "sto_kod", row.get("sip_stok_kod"), "Stok")
            kept.append(
                {
                    **self._known("SIPARISLER", row),
                    "sip_Guid": _new_guid(),
                    "sip_evrakno_sira": sequence,
                    "sip_satirno": number,
                    "sip_tarih": _day(row, "sip_tarih", year),
                    "sip_teslim_tarih": _day(row, "sip_teslim_tarih"),
                    "sip_vergi": self._order_vat(row),
                }
            )
        self._own_columns("OZEL_SIPARIS", first, kept[0]["sip_Guid"])
        for row in kept:
            self.database.insert("SIPARISLER", row)
        notes = [str(note.get("aciklama") or "") for note in _children(document, "evrak_aciklamalari")][:10]
        head = {"egk_dosyano": 21, "egk_evr_seri": place["sip_evrakno_seri"], "egk_evr_sira": sequence}
        texts = {f"egk_evracik{number}": note for number, note in enumerate(notes, start=1)}
        self.database.insert(
            "EVRAK_ACIKLAMALARI", {**head, **(texts if self.behaviour.keeps_description else {})}
        )
        return kept[0]

    def delete_invoice(self, target: Row) -> Row | None:
        """Delete an invoice for good; without a match nothing happens."""
        names = ("cha_evrak_tip", "cha_evrakno_seri", "cha_evrakno_sira")
        found = self.database.find("CARI_HESAP_HAREKETLERI", **{name: target.get(name) for name in names})
        if not found or not self.behaviour.deletes:
            return None
        guid = found[0]["cha_Guid"]
        for line in self.database.find("STOK_HAREKETLERI", sth_fat_uid=guid):
            self._move(line, -1)
        self.database.delete("STOK_HAREKETLERI", sth_fat_uid=guid)
        self.database.delete("CARI_HESAP_HAREKETLERI", cha_Guid=guid)
        return found[0]

    def delete_order(self, target: Row) -> Row | None:
        """Delete an order with all its rows."""
        names = ("sip_tip", "sip_cins", "sip_evrakno_seri", "sip_evrakno_sira")
        place = {name: target.get(name) for name in names}
        found = self.database.find("SIPARISLER", **place)
        if not found or not self.behaviour.deletes:
            return None
        if any(row["sip_teslim_miktar"] for row in found):
            raise Refusal("Teslim edilmiş sipariş silinemez.")
        self.database.delete("SIPARISLER", **place)
        notes = {"egk_evr_seri": place["sip_evrakno_seri"], "egk_evr_sira": place["sip_evrakno_sira"]}
        self.database.delete("EVRAK_ACIKLAMALARI", egk_dosyano=21, **notes)
        return found[0]

    def _define(self) -> None:
        lists: dict[str, Iterable[tuple[Any, ...]]] = {
            "DEPOLAR": ((1, "Merkez"), (2, "Şube")),
            "CARI_PERSONEL_TANIMLARI": (("WEB", "Web satış"),),
            "ODEME_PLANLARI": ((1, "Peşin"), (2, "30 gün")),
            "KUR_ISIMLERI_VIEW": ((0, "TL"), (1, "USD"), (2, "EUR")),
            "STOK_SATIS_FIYAT_LISTE_TANIMLARI": ((1, "Perakende", 1), (2, "Bayi", 0)),
        }
        for table, entries in lists.items():
            for entry in entries:
                self.database.insert(table, dict(zip(TABLES[table], entry, strict=True)))

    def _card(self, table: str, column: str, card: Row, what: str) -> str:
        code = str(card.get(column) or "").strip()
        if not code:
            raise Refusal(f"{what} kodu boş olamaz.")
        self._short_enough(card)
        if self.database.has(table, **{column: code}) and not self.behaviour.updates_cards:
            raise Refusal(f"{what} kodu daha önce kullanılmış: {code}")
        self._limit()
        return code

    def _movements(self, document: Row, year: int) -> list[Row]:
        lines = _children(document, "detay")
        if not lines:
            raise Refusal("Evrak satırı bulunamadı.")
        kept = []
        for line in lines:
            self._short_enough(line)
            _day(line, "sth_tarih", year)
            self._exists("STOKLAR", "sto_kod", line.get("sth_stok_kod"), "Stok")
            rate = self._rate(line, "sth_vergi_pntr")
            net = _number(line, "sth_tutar") - _number(line, "sth_iskonto1")
            vat = _number(line, "sth_vergi") if "sth_vergi" in line else vat_of(net, rate)
            kept.append({**self._known("STOK_HAREKETLERI", line), "sth_vergi": vat})
        return kept

    def _order_vat(self, row: Row) -> Decimal:
        rate = self._rate(row, "sip_vergi_pntr")
        if "sip_vergi" in row and self.behaviour.keeps_order_vat:
            return _number(row, "sip_vergi")
        return vat_of(_number(row, "sip_tutar") - _number(row, "sip_iskonto_1"), rate)

    def _rate(self, row: Row, name: str) -> Decimal:
        pointer = int(_number(row, name))
        if pointer and pointer not in self.behaviour.tax_table:
            raise Refusal(f"Vergi tanımı bulunamadı: {pointer}")
        return self.behaviour.tax_table.get(pointer, ZERO)

    def _sequence(self, table: str, prefix: str, row: Row, place: Row) -> int:
        column = f"{prefix}_evrakno_sira"
        if row.get(column):
            given = int(_number(row, column))
            if self.database.has(table, **place, **{column: given}):
                raise Refusal(f"Bu numarada bir evrak var: {given}")
            return given
        return self.database.highest(table, column, **place) + 1

    def _forget(self, kept: Row) -> None:
        """Drop what this installation does not accept."""
        accepted = {
            "cha_aciklama": self.behaviour.keeps_description,
            "cha_belge_no": self.behaviour.keeps_document_number,
            "cha_disyazilimid": self.behaviour.keeps_external_id,
        }
        for name, keeps in accepted.items():
            if not keeps:
                kept.pop(name, None)

    def _own_columns(self, table: str, document: Row, guid: str) -> None:
        for entry in _children(document, "user_tablo"):
            unknown = [name for name in entry if name.strip() != _USER_COLUMN]
            if unknown:
                raise Refusal(f"Kullanıcı tablosunda alan yok: {unknown[0]}")
            self.database.insert(table, {"kayit_uid": guid, _USER_COLUMN: next(iter(entry.values()))})

    def _move(self, line: Row, sign: int) -> None:
        outgoing = int(_number(line, "sth_tip")) == 1
        place = int(_number(line, "sth_cikis_depo_no" if outgoing else "sth_giris_depo_no"))
        held = self._stock.setdefault(str(line["sth_stok_kod"]), {})
        quantity = _number(line, "sth_miktar")
        held[place] = held.get(place, ZERO) + (-sign if outgoing else sign) * quantity

    def _exists(self, table: str, column: str, code: object, what: str) -> None:
        if not self.database.has(table, **{column: str(code or "")}):
            raise Refusal(f"{what} kodu bulunamadı: {code}")

    def _known(self, table: str, row: Row) -> Row:
        self.ignored += [name for name, value in row.items() if name not in TABLES[table] and value]
        return {name: value for name, value in row.items() if name in TABLES[table]}

    def _limit(self) -> None:
        if self.behaviour.records is None:
            return
        tables = ("CARI_HESAPLAR", "STOKLAR", "CARI_HESAP_HAREKETLERI", "SIPARISLER")
        if sum(map(self.database.count, tables)) >= self.behaviour.records:
            raise Refusal("Demo firmada kayıt sınırına ulaşıldı.")

    def _short_enough(self, row: Row) -> None:
        for name, value in row.items():
            if isinstance(value, str) and len(value) > _LENGTHS.get(name, 4000):
                raise Refusal(f"String or binary data would be truncated ({name}).")


def _new_guid() -> str:
    return str(uuid.uuid4()).upper()


def _children(row: Row, name: str) -> list[Row]:
    """Return the entries of an array; a single one may come without brackets."""
    value = row.get(name)
    entries = [value] if isinstance(value, dict) else value
    return [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []


def _number(row: Row, name: str) -> Decimal:
    value = row.get(name)
    try:
        return Decimal(str(value if value not in (None, "") else 0))
    except ArithmeticError as error:
        raise Refusal(f"Sayısal alan okunamadı: {name}") from error


def _line_total(line: Row) -> Decimal:
    return _number(line, "sth_tutar") - _number(line, "sth_iskonto1") + _number(line, "sth_vergi")


def _day(row: Row, name: str, year: int | None = None) -> str:
    try:
        day: date = datetime.strptime(str(row.get(name) or ""), "%d.%m.%Y").date()  # noqa: DTZ007 - a calendar day
    except ValueError as error:
        raise Refusal(f"Tarih alanı okunamadı: {name}") from error
    if year is not None and day.year != year:
        raise Refusal(f"Evrak tarihi çalışma yılının ({year}) dışında: {day:%d.%m.%Y}")
    return f"{day:%Y%m%d}"
