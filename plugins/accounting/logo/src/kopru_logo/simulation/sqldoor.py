"""The query door: answers the statements a connector is known to send and refuses every other one."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from kopru_logo.simulation.ledger import LOCAL_CURRENCIES, Ledger, Refusal
from kopru_logo.simulation.shelf import Entry, Shelf

Row = dict[str, Any]
Visible = Callable[[Entry], bool]

_TEXT = r"N?'(?:[^']|'')*'"
_TOP = r"SELECT TOP (?P<top>\d+) "
_COLUMNS = r"(?P<columns>LOGICALREF(?:, \w+)+) "
_FICHE_TABLE = r"(?P<table>LG_\d{3}_\d{2}_(?:INVOICE|ORFICHE))"
_JOINED = r"LEFT JOIN (?P<cards>LG_\d{3}_CLCARD) C ON C\.LOGICALREF = F\.CLIENTREF "
_DOCUMENT = _TOP + rf"(?P<columns>[\w., ]+) FROM {_FICHE_TABLE} F {_JOINED}WHERE "
_AFTER = r"LOGICALREF > (?P<after>\d+) ORDER BY LOGICALREF"
_EQUALS = rf"\w+ = {_TEXT}"
_TOTALS = r"L[GV]_\d{3}_\d{2}_(?:STINVTOT|GNTOTST)"


def _sum_of(group: str, name: str) -> str:
    inner = rf"SELECT SUM\((?P<{group}>[\w. -]+)\) FROM (?P<{group}_from>{_TOTALS}) T "  # noqa: S608 - a pattern
    where = rf"WHERE T\.STOCKREF = I\.LOGICALREF AND T\.INVENNO = (?P<{group}_at>-?\d+)"
    return rf"ISNULL\(\({inner}{where}\), 0\) AS {name}"


_FIRM = re.compile(r"SELECT TOP 1 LOGICALREF, NR, NAME FROM L_CAPIFIRM WHERE NR = (\d+) ORDER BY LOGICALREF")
_LIST = re.compile(rf"{_TOP}{_COLUMNS}FROM (?P<table>L_\w+) WHERE FIRMNR = (?P<firm>\d+) AND {_AFTER}")
_PARTIES = re.compile(rf"{_TOP}{_COLUMNS}FROM (?P<table>LG_\d{{3}}_CLCARD) WHERE {_AFTER}")
_CARDS = re.compile(
    rf"{_TOP}{_COLUMNS}FROM (?P<table>LG_\d{{3}}_(?:CLCARD|ITEMS)) "
    rf"WHERE \((?P<where>{_EQUALS}(?: OR {_EQUALS})*)\) ORDER BY LOGICALREF"
)
_BY_KEY = re.compile(
    rf"{_DOCUMENT}\(F\.GUID = (?P<guid>{_TEXT}) OR F\.DOCTRACKINGNR = (?P<track>{_TEXT})\) "
    r"ORDER BY F\.LOGICALREF"
)
_BY_REF = re.compile(rf"{_DOCUMENT}F\.LOGICALREF = (?P<ref>\d+) ORDER BY F\.LOGICALREF")
_BETWEEN = re.compile(
    rf"{_DOCUMENT}F\.DATE_ >= '(?P<since>\d{{8}})' AND F\.DATE_ <= '(?P<until>\d{{8}})' "
    r"AND F\.LOGICALREF > (?P<after>\d+) ORDER BY F\.LOGICALREF"
)
_STOCK = re.compile(
    rf"{_TOP}I\.LOGICALREF, I\.CODE, {_sum_of('on_hand', 'ONHAND')}, {_sum_of('reserved', 'RESERVED')} "
    r"FROM (?P<items>LG_\d{3}_ITEMS) I WHERE I\.LOGICALREF > (?P<after>\d+)"
    rf"(?: AND I\.CODE IN \((?P<codes>{_TEXT}(?:, {_TEXT})*)\))? ORDER BY I\.LOGICALREF"
)
_ON_HAND = {"T.ONHAND": False, "T.ONHAND - T.TEMPIN": True}

_CARD_COLUMNS = {
    "LOGICALREF": "INTERNAL_REFERENCE",
    "CODE": "CODE",
    "DEFINITION_": "TITLE",
    "TAXNR": "TAX_ID",
    "TCKNO": "TCKNO",
    "TAXOFFICE": "TAX_OFFICE",
    "EMAILADDR": "E_MAIL",
    "ACTIVE": "RECORD_STATUS",
    "GUID": "GUID",
}
_DOCUMENT_COLUMNS = {
    "LOGICALREF": "INTERNAL_REFERENCE",
    "TRCODE": "TYPE",
    "GRPCODE": "GRPCODE",
    "FICHENO": "NUMBER",
    "DOCODE": "DOC_NUMBER",
    "DOCTRACKINGNR": "DOC_TRACK_NR",
    "GUID": "GUID",
    "CANCELLED": "CANCELLED",
    "NETTOTAL": "TOTAL_NET",
    "TRNET": "TC_NET",
}
_NUMBERS = frozenset({"ACTIVE", "CANCELLED", "TRNET", "TRCODE"})


class SqlDoor:
    """Runs statements against the ledger; ``cap`` limits the rows of one answer, if set."""

    def __init__(self, ledger: Ledger, visible: Visible, cap: int | None = None) -> None:
        """Take the ledger and what reads may see already."""
        self.ledger = ledger
        self.visible = visible
        self.cap = cap

    def run(self, statement: str) -> list[Row]:
        """Return the rows of a statement.

        Raises:
            Refusal: under ``DBError``, as the database refuses it.
        """
        for pattern, answer in (
            (_BY_KEY, self._by_key),
            (_CARDS, self._cards),
            (_STOCK, self._stock),
            (_PARTIES, self._parties),
            (_BETWEEN, self._between),
            (_BY_REF, self._by_ref),
            (_LIST, self._list),
            (_FIRM, self._firm),
        ):
            match = pattern.fullmatch(statement)
            if match:
                return answer(match)[: self.cap]
        raise Refusal({"DBError": [f"Incorrect syntax near '{statement[:30]}'."]})

    def _firm(self, match: re.Match[str]) -> list[Row]:
        if int(match[1]) != self.ledger.firm:
            return []
        return [{"LOGICALREF": 1, "NR": self.ledger.firm, "NAME": self.ledger.firm_name}]

    def _list(self, match: re.Match[str]) -> list[Row]:
        rows = self.ledger.system.get(match["table"])
        if rows is None:
            raise _no_object(match["table"])
        if int(match["firm"]) != self.ledger.firm:
            return []
        names, after = match["columns"].split(", "), int(match["after"])
        return [_picked(row, names) for row in rows if row["LOGICALREF"] > after][: int(match["top"])]

    def _parties(self, match: re.Match[str]) -> list[Row]:
        shelf, names = self._cards_of(match["table"]), match["columns"].split(", ")
        found = shelf.after(int(match["after"]), self.visible, int(match["top"]))
        return [_card(entry, names) for entry in found]

    def _cards(self, match: re.Match[str]) -> list[Row]:
        shelf, names = self._cards_of(match["table"]), match["columns"].split(", ")
        found: dict[int, Entry] = {}
        for name, value in re.findall(rf"(\w+) = ({_TEXT})", match["where"]):
            field = _CARD_COLUMNS.get(name)
            if field is None or not shelf.has_index(field):
                raise _no_column(name)
            for entry in shelf.find(field, _plain(value)):
                if self.visible(entry) and _plain(value):
                    found[entry.body["INTERNAL_REFERENCE"]] = entry
        return [_card(found[ref], names) for ref in sorted(found)][: int(match["top"])]

    def _by_key(self, match: re.Match[str]) -> list[Row]:
        shelf = self._documents_of(match)
        guid, track = _plain(match["guid"]), _plain(match["track"])
        found = [*shelf.find("GUID", guid), *shelf.find("DOC_TRACK_NR", track)]
        unique = {entry.body["INTERNAL_REFERENCE"]: entry for entry in found if self.visible(entry)}
        return self._documents(match, [unique[ref] for ref in sorted(unique)])

    def _by_ref(self, match: re.Match[str]) -> list[Row]:
        entry = self._documents_of(match).get(int(match["ref"]))
        return self._documents(match, [entry] if entry and self.visible(entry) else [])

    def _between(self, match: re.Match[str]) -> list[Row]:
        shelf = self._documents_of(match)
        since, until = (date.fromisoformat(_iso(match[name])) for name in ("since", "until"))
        days = (date.fromordinal(n).isoformat() for n in range(since.toordinal(), until.toordinal() + 1))
        found = shelf.among("DATE", days, int(match["after"]), self.visible, int(match["top"]))
        return self._documents(match, found)

    def _stock(self, match: re.Match[str]) -> list[Row]:
        if match["items"] != f"LG_{self.ledger.firm:03d}_ITEMS":
            raise _no_object(match["items"])
        for name in ("on_hand_from", "reserved_from"):
            if match[name][3:9] != f"{self.ledger.firm:03d}_{self.ledger.period:02d}":
                raise _no_object(match[name])
        if match["on_hand"] not in _ON_HAND or match["reserved"] != "T.RESERVED":
            raise _no_column(match["on_hand"])
        after, top, warehouse = int(match["after"]), int(match["top"]), int(match["on_hand_at"])
        return [
            self._stock_row(entry, warehouse, match) for entry in self._wanted(match["codes"], after, top)
        ]

    def _wanted(self, codes: str | None, after: int, top: int) -> list[Entry]:
        if codes is None:
            return self.ledger.items.after(after, self.visible, top)
        found = [
            entry
            for code in re.findall(_TEXT, codes)
            for entry in self.ledger.items.find("CODE", _plain(code))
        ]
        unique = {entry.body["INTERNAL_REFERENCE"]: entry for entry in found}
        return [unique[ref] for ref in sorted(unique) if ref > after][:top]

    def _stock_row(self, entry: Entry, warehouse: int, match: re.Match[str]) -> Row:
        ref = entry.body["INTERNAL_REFERENCE"]
        held = self.ledger.stock_of(ref, warehouse)
        on_hand = held.on_hand - held.consigned if _ON_HAND[match["on_hand"]] else held.on_hand
        return {"LOGICALREF": ref, "CODE": entry.body["CODE"], "ONHAND": on_hand, "RESERVED": held.reserved}

    def _cards_of(self, table: str) -> Shelf:
        shelves = {"CLCARD": self.ledger.parties, "ITEMS": self.ledger.items}
        firm, name = table[3:6], table[7:]
        if int(firm) != self.ledger.firm:
            raise _no_object(table)
        return shelves[name]

    def _documents_of(self, match: re.Match[str]) -> Shelf:
        table = match["table"]
        own = f"LG_{self.ledger.firm:03d}_{self.ledger.period:02d}_"
        if not table.startswith(own) or match["cards"] != f"LG_{self.ledger.firm:03d}_CLCARD":
            raise _no_object(table)
        return self.ledger.orders if table.endswith("ORFICHE") else self.ledger.invoices

    def _documents(self, match: re.Match[str], entries: Iterable[Entry]) -> list[Row]:
        order = match["table"].endswith("ORFICHE")
        names = match["columns"].split(", ")
        return [_document(entry, names, order=order) for entry in list(entries)[: int(match["top"])]]


def _document(entry: Entry, names: list[str], *, order: bool) -> Row:
    body, row = entry.body, {}
    for name in names:
        column = name.removeprefix("F.")
        if name == "C.CODE AS ARP_CODE":
            row["ARP_CODE"] = body["ARP_CODE"]
        elif column == "DATE_":
            row[column] = f"{body['DATE']}T00:00:00"
        elif column == "TRCURR":
            currency = int(body.get("CURR_TRANSACTIN" if order else "CURR_INVOICE") or 0)
            row[column] = 0 if currency in LOCAL_CURRENCIES else currency
        elif column in _DOCUMENT_COLUMNS and not (order and column == "GRPCODE"):
            row[column] = _value(body, _DOCUMENT_COLUMNS[column], column)
        else:
            raise _no_column(column)
    return row


def _card(entry: Entry, names: list[str]) -> Row:
    row = {}
    for name in names:
        if name not in _CARD_COLUMNS:
            raise _no_column(name)
        row[name] = _value(entry.body, _CARD_COLUMNS[name], name)
    return row


def _value(body: Row, field: str, column: str) -> Any:
    value = body.get(field)
    if value is None:
        return Decimal(0) if column in _NUMBERS else ""
    return value


def _picked(row: Row, names: list[str]) -> Row:
    for name in names:
        if name not in row:
            raise _no_column(name)
    return {name: row[name] for name in names}


def _plain(literal: str) -> str:
    return literal.removeprefix("N")[1:-1].replace("''", "'")


def _iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def _no_object(name: str) -> Refusal:
    return Refusal({"DBError": [f"Invalid object name '{name}'."]})


def _no_column(name: str) -> Refusal:
    return Refusal({"DBError": [f"Invalid column name '{name}'."]})
