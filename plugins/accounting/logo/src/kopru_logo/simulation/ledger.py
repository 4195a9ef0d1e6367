"""What the simulated Logo holds and the rules by which it takes or refuses a record."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from kopru_logo.simulation import fields
from kopru_logo.simulation.calculation import ZERO, Calculator, amount, cents
from kopru_logo.simulation.shelf import Body, Shelf

LOCAL_CURRENCIES = (0, 160)
SALES_TYPES = frozenset({2, 3, 7, 8, 9})
PURCHASE_TYPES = frozenset({1, 4, 6})
_INCOMING = frozenset({1, 2, 3})
_ITEM, _DISCOUNT, _SERVICE = 0, 2, 4
_ALL_WAREHOUSES = -1
_ROUNDING_ROOM = Decimal("0.10")


class Refusal(Exception):
    """A record or statement is refused; ``state`` is what stands under ``ModelState``."""

    def __init__(self, state: Mapping[str, list[str]]) -> None:
        """Take the texts by key."""
        self.state = dict(state)
        super().__init__(str(self.state))


@dataclass
class Held:
    """Quantities of one item in one warehouse."""

    on_hand: Decimal = ZERO
    reserved: Decimal = ZERO
    consigned: Decimal = ZERO

    def __add__(self, other: "Held") -> "Held":
        """Return both together."""
        return Held(
            self.on_hand + other.on_hand, self.reserved + other.reserved, self.consigned + other.consigned
        )


@dataclass
class Behaviour:
    """How this installation differs from others. The defaults are the documented or observed behaviour."""

    keeps_guid: bool = True
    answers_reference_only: bool = False
    keeps_cancel_mark: bool = True
    strict_vat: bool = False
    """Refuses lines whose VAT rate is not the item card's."""
    period_key: str = "ValError0"
    """Under which key "date outside the period" stands."""
    calculator: Calculator = field(default_factory=Calculator)


@dataclass
class Ledger:
    """One firm in one period."""

    firm: int
    period: int
    start: date
    end: date
    firm_name: str = "ÖRNEK TİCARET A.Ş."
    behaviour: Behaviour = field(default_factory=Behaviour)
    parties: Shelf = field(default_factory=lambda: Shelf("CODE", "GUID", "TAX_ID", "TCKNO"))
    items: Shelf = field(default_factory=lambda: Shelf("CODE", "GUID"))
    services: Shelf = field(default_factory=lambda: Shelf("CODE"))
    invoices: Shelf = field(default_factory=lambda: Shelf("GUID", "DOC_TRACK_NR", "DOC_NUMBER", "DATE"))
    orders: Shelf = field(default_factory=lambda: Shelf("GUID", "DOC_TRACK_NR", "DOC_NUMBER", "DATE"))
    system: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    """Names of request fields this Logo does not know."""
    _stock: dict[tuple[int, int], Held] = field(default_factory=dict)
    _numbers: set[tuple[str, int, str]] = field(default_factory=set)
    _counter: dict[str, int] = field(default_factory=dict)
    _line_refs: int = 0

    def stock_of(self, item: int, warehouse: int) -> Held:
        """Return an item's quantities in one warehouse, or in all together for -1."""
        if warehouse != _ALL_WAREHOUSES:
            return self._stock.get((item, warehouse), Held())
        total = Held()
        for row in self.system["L_CAPIWHOUSE"]:
            total = total + self._stock.get((item, int(row["NR"])), Held())
        return total

    def set_stock(
        self, code: str, on_hand: Decimal, *, warehouse: int = 0, consigned: Decimal = ZERO
    ) -> None:
        """Set an item's quantity on hand in one warehouse."""
        held = self._stock.setdefault((self._item(code), warehouse), Held())
        held.on_hand, held.consigned = on_hand, consigned

    def store_party(self, body: Body, committed_at: float) -> Body:
        """Take a new partner card."""
        kept = self._known(body, fields.ARPS)
        self._card(kept, self.parties, "Cari hesap")
        if not kept.get("TITLE"):
            raise Refusal({"ValError0": ["Cari hesap unvanı boş olamaz."]})
        self.parties.add(kept, committed_at)
        return kept

    def store_item(self, body: Body, committed_at: float) -> Body:
        """Take a new item card."""
        kept = self._known(body, fields.ITEMS)
        self._card(kept, self.items, "Malzeme")
        units = _children(kept, "UNITS")
        known = {row["CODE"] for row in self.system["UNITS"]}
        if not units or any(unit.get("UNIT_CODE") not in known for unit in units):
            raise Refusal({"ValError0": ["Malzeme birimi tanımlı değil."]})
        self.items.add(kept, committed_at)
        return kept

    def store_invoice(self, body: Body, *, sales: bool, committed_at: float) -> Body:
        """Take a new invoice: check it, calculate it, number it and move the stock."""
        kept = self._known(body, fields.INVOICE)
        types = SALES_TYPES if sales else PURCHASE_TYPES
        kept["GRPCODE"] = 2 if sales else 1
        self._document(kept, body, "INVOICE", types, fields.INVOICE_LINE)
        kept["CANCELLED"] = 0
        self.invoices.add(kept, committed_at)
        self._move(kept, 1)
        return kept

    def store_order(self, body: Body, committed_at: float) -> Body:
        """Take a new sales order and reserve what it asks to."""
        kept = self._known(body, fields.ORDER)
        kept["TYPE"] = 1
        self._document(kept, body, "ORFICHE", frozenset({1}), fields.ORDER_LINE)
        kept["CANCELLED"] = 0
        self.orders.add(kept, committed_at)
        self._reserve(kept, 1)
        return kept

    def replace_invoice(self, ref: int, body: Body) -> Body:
        """Replace a whole invoice; marking all of it as cancelled takes its stock movement back."""
        entry = self.invoices.get(ref)
        assert entry is not None
        lines = _children(body, "TRANSACTIONS")
        if not lines:
            raise Refusal({"ValError0": ["Fatura satırı bulunamadı."]})
        kept = {**self._known(body, fields.INVOICE), "INTERNAL_REFERENCE": ref}
        parts = [kept, *lines, *_children(kept, "DISPATCHES"), *_children(kept, "PAYMENT_LIST")]
        wanted = all(amount(part.get("CANCELLED")) == 1 for part in parts)
        was = amount(entry.body.get("CANCELLED")) == 1
        kept["CANCELLED"] = int(was or (wanted and self.behaviour.keeps_cancel_mark))
        self.invoices.put(ref, kept)
        if kept["CANCELLED"] and not was:
            self._move(kept, -1)
        return kept

    def delete_invoice(self, ref: int) -> None:
        """Delete an invoice."""
        entry = self.invoices.get(ref)
        assert entry is not None
        if amount(entry.body.get("CANCELLED")) != 1:
            self._move(entry.body, -1)
        self._release("INVOICE", entry.body)
        self.invoices.remove(ref)

    def delete_order(self, ref: int) -> None:
        """Delete an order that was not shipped."""
        entry = self.orders.get(ref)
        assert entry is not None
        if any(amount(line.get("QUANTITY_SHIPPED")) for line in _children(entry.body, "TRANSACTIONS")):
            raise Refusal({"ValError0": ["Sevk edilmiş sipariş silinemez."]})
        self._reserve(entry.body, -1)
        self._release("ORFICHE", entry.body)
        self.orders.remove(ref)

    def _document(
        self, kept: Body, body: Body, table: str, types: frozenset[int], line_fields: frozenset[str]
    ) -> None:
        problems = [*self._header_problems(kept, table, types)]
        lines = [self._known(line, line_fields) for line in _children(body, "TRANSACTIONS")]
        problems += self._line_problems(lines)
        if problems:
            raise Refusal({f"ValError{n}": [problem] for n, problem in enumerate(problems[:6])})
        self._too_long([kept, *lines])
        kept["TRANSACTIONS"] = {"items": lines}
        self._calculate(kept, body, lines)
        for name, known in (("DISPATCHES", fields.DISPATCH), ("PAYMENT_LIST", fields.PAYMENT)):
            parts = [self._known(part, known) for part in _children(body, name)]
            kept[name] = {"items": parts}
        for part in (*lines, *_children(kept, "DISPATCHES"), *_children(kept, "PAYMENT_LIST")):
            self._line_refs += 1
            part["INTERNAL_REFERENCE"] = self._line_refs
        if not self.behaviour.keeps_guid or not kept.get("GUID"):
            kept["GUID"] = str(uuid.uuid4()).upper()
        self._take_number(kept, table)

    def _header_problems(self, kept: Body, table: str, types: frozenset[int]) -> Iterator[str]:
        day = str(kept.get("DATE") or "")[:10]
        try:
            inside = self.start <= date.fromisoformat(day) <= self.end
        except ValueError as error:
            raise Refusal({"LOError:": ["Tarih alanı okunamadı."]}) from error
        if not inside:
            raise Refusal({self.behaviour.period_key: ["(202) Belge tarihi mali dönem sınırları dışında."]})
        kept["DATE"] = day
        if int(amount(kept.get("TYPE"))) not in types:
            yield "Fiş türü hatalı."
        if not self.parties.find("CODE", kept.get("ARP_CODE")):
            yield f"Cari hesap kodu bulunamadı: {kept.get('ARP_CODE')}"
        number = str(kept.get("NUMBER") or "")
        if number not in ("", "~") and self._number_key(kept, table) in self._numbers:
            yield f"Bu numarada bir fiş var: {number}"
        if int(amount(kept.get("SOURCE_WH"))) not in {row["NR"] for row in self.system["L_CAPIWHOUSE"]}:
            yield "Ambar tanımlı değil."

    def _line_problems(self, lines: list[Body]) -> Iterator[str]:
        if not lines:
            yield "Fiş satırı bulunamadı."
        units = {row["CODE"] for row in self.system["UNITS"]}
        for line in lines:
            kind = int(amount(line.get("TYPE")))
            if kind == _DISCOUNT:
                continue
            shelf = {_ITEM: self.items, _SERVICE: self.services}.get(kind)
            found = shelf.find("CODE", line.get("MASTER_CODE")) if shelf else []
            if not found:
                yield f"Kart kodu bulunamadı: {line.get('MASTER_CODE')}"
                continue
            if line.get("UNIT_CODE") not in units:
                yield f"Birim kodu bulunamadı: {line.get('UNIT_CODE')}"
            if amount(line.get("QUANTITY")) <= 0:
                yield "Miktar sıfırdan büyük olmalı."
            card = found[0].body
            line.setdefault("VAT_RATE", card.get("SELVAT", card.get("VAT", 0)))
            if self.behaviour.strict_vat and amount(line["VAT_RATE"]) != amount(card.get("SELVAT")):
                yield f"KDV oranı malzeme kartıyla uyuşmuyor: {line.get('MASTER_CODE')}"

    def _calculate(self, kept: Body, body: Body, lines: list[Body]) -> None:
        parameters = body.get("DataObjectParameter") or {}
        if amount(kept.get("NO_CALCULATE")) == 1:
            self._check_given(kept, lines)
        else:
            campaigns = parameters.get("ApplyCampaignOnPreSave") is not False
            given = [line.get("VAT_AMOUNT") for line in lines]
            kept |= self.behaviour.calculator.totals(lines, campaigns=campaigns)
            for line, vat in zip(lines, given, strict=True):
                if vat is not None and amount(vat) != amount(line.get("VAT_AMOUNT")):
                    raise Refusal({"ValError0": ["KDV tutarı uyuşmuyor."]})
        rate = amount(kept.get("TC_XRATE") or kept.get("TC_RATE"))
        currency = int(amount(kept.get("CURR_INVOICE") or kept.get("CURR_TRANSACTIN")))
        if currency not in LOCAL_CURRENCIES and rate:
            kept.setdefault("TC_NET", cents(kept["TOTAL_NET"] / rate))

    def _check_given(self, kept: Body, lines: list[Body]) -> None:
        totals = {name: amount(kept.get(name)) for name in ("TOTAL_DISCOUNTED", "TOTAL_VAT", "TOTAL_NET")}
        vat = sum((amount(line.get("VAT_AMOUNT")) for line in lines), ZERO)
        gap = totals["TOTAL_DISCOUNTED"] + totals["TOTAL_VAT"] - totals["TOTAL_NET"]
        held = any(amount(line.get("CANDEDUCT")) for line in lines)
        if abs(vat - totals["TOTAL_VAT"]) > _ROUNDING_ROOM or (abs(gap) > _ROUNDING_ROOM and not held):
            raise Refusal({"ValError0": ["Toplamlar satırlarla uyuşmuyor (KDV)."]})
        kept |= totals

    def _take_number(self, kept: Body, table: str) -> None:
        if kept.get("NUMBER") in (None, "", "~"):
            self._counter[table] = self._counter.get(table, 0) + 1
            kept["NUMBER"] = f"{self._counter[table]:016d}"
        self._numbers.add(self._number_key(kept, table))

    def _release(self, table: str, body: Body) -> None:
        self._numbers.discard(self._number_key(body, table))

    def _number_key(self, body: Body, table: str) -> tuple[str, int, str]:
        group = f"{table}/{body.get('GRPCODE', '')}"
        return group, int(amount(body.get("TYPE"))), str(body.get("NUMBER") or "").upper()

    def _move(self, body: Body, sign: int) -> None:
        direction = sign if int(amount(body["TYPE"])) in _INCOMING else -sign
        for line in _children(body, "TRANSACTIONS"):
            if int(amount(line.get("TYPE"))) == _ITEM:
                place = int(amount(line.get("SOURCEINDEX")))
                held = self._stock.setdefault((self._item(line["MASTER_CODE"]), place), Held())
                held.on_hand += direction * amount(line["QUANTITY"])

    def _reserve(self, body: Body, sign: int) -> None:
        for line in _children(body, "TRANSACTIONS"):
            if int(amount(line.get("TYPE"))) == _ITEM and amount(line.get("ORDER_RESERVE")) == 1:
                place = int(amount(line.get("SOURCE_WH")))
                held = self._stock.setdefault((self._item(line["MASTER_CODE"]), place), Held())
                held.reserved += sign * amount(line.get("RESERVE_AMOUNT"))

    def _item(self, code: str) -> int:
        return int(self.items.find("CODE", code)[0].body["INTERNAL_REFERENCE"])

    def _card(self, kept: Body, shelf: Shelf, what: str) -> None:
        code = str(kept.get("CODE") or "").strip()
        if not code:
            raise Refusal({"ValError0": [f"{what} kodu boş olamaz."]})
        if shelf.find("CODE", code):
            raise Refusal({"ValError0": [f"{what} kodu kullanılmış: {code}"]})
        self._too_long([kept])
        kept.setdefault("RECORD_STATUS", 0)

    def _too_long(self, parts: Iterable[Body]) -> None:
        for part in parts:
            for name, value in part.items():
                limit = fields.LENGTHS.get(name)
                if limit and isinstance(value, str) and len(value) > limit:
                    raise Refusal({"DBError": [f"String or binary data would be truncated. ({name})"]})

    def _known(self, body: Body, known: frozenset[str]) -> Body:
        self.ignored += [name for name in body if name not in known and name != "DataObjectParameter"]
        return {name: value for name, value in body.items() if name in known}


def standard_lists(firm: int, period: int, start: date, end: date) -> dict[str, list[dict[str, Any]]]:
    """Return the system tables of a small firm: two warehouses, one period, usual currencies and units."""
    currencies = (
        (1, "USD", "ABD Doları"),
        (17, "GBP", "İngiliz Sterlini"),
        (20, "EUR", "Euro"),
        (160, "TL", "Türk Lirası"),
    )
    return {
        "L_CAPIWHOUSE": [
            {
                "LOGICALREF": 1,
                "FIRMNR": firm,
                "NR": 0,
                "NAME": "Merkez",
                "DIVISNR": 0,
                "FACTNR": 0,
                "COSTGRP": 0,
            },
            {
                "LOGICALREF": 2,
                "FIRMNR": firm,
                "NR": 1,
                "NAME": "Şube",
                "DIVISNR": 1,
                "FACTNR": 0,
                "COSTGRP": 1,
            },
        ],
        "L_CAPIDIV": [
            {"LOGICALREF": 1, "FIRMNR": firm, "NR": 0, "NAME": "Merkez"},
            {"LOGICALREF": 2, "FIRMNR": firm, "NR": 1, "NAME": "Şube"},
        ],
        "L_CAPIPERIOD": [
            {
                "LOGICALREF": 1,
                "FIRMNR": firm,
                "NR": period,
                "BEGDATE": f"{start}T00:00:00",
                "ENDDATE": f"{end}T00:00:00",
                "ACTIVE": 1,
            }
        ],
        "L_CURRENCYLIST": [
            {"LOGICALREF": n, "FIRMNR": firm, "CURTYPE": number, "CURCODE": code, "CURNAME": name}
            for n, (number, code, name) in enumerate(currencies, start=1)
        ],
        "UNITS": [
            {"CODE": "ADET", "NAME": "Adet", "GLOBAL_CODE": "C62"},
            {"CODE": "KOLİ", "NAME": "Koli", "GLOBAL_CODE": "BX"},
        ],
    }


def _children(body: Mapping[str, Any], name: str) -> list[Body]:
    collection = body.get(name)
    items = collection.get("items") if isinstance(collection, dict) else None
    return [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
