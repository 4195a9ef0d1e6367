"""The statements sent through the query door. Reading only, one statement each, every value a literal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kopru.sdk import Rejected
from kopru_logo.codes import ALL_WAREHOUSES, Card, Document
from kopru_logo.config import LogoConfig, StockSource
from kopru_logo.texts import TEXTS

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

PARTY_COLUMNS = ("LOGICALREF", "CODE", "DEFINITION_", "TAXNR", "TCKNO", "TAXOFFICE", "EMAILADDR", "ACTIVE")
_DOCUMENT_COLUMNS = (
    "F.LOGICALREF",
    "F.TRCODE",
    "F.FICHENO",
    "F.DATE_",
    "F.DOCODE",
    "F.DOCTRACKINGNR",
    "F.GUID",
    "F.CANCELLED",
    "F.NETTOTAL",
    "F.TRCURR",
    "F.TRNET",
    "C.CODE AS ARP_CODE",
)


def literal(value: str) -> str:
    """Return a text as an SQL literal; texts outside ASCII are marked as Unicode.

    Raises:
        Rejected: ``logo.query.text`` for control characters.
    """
    if _CONTROL.search(value):
        raise Rejected("logo.query.text", TEXTS["logo.query.text"], detail=repr(value[:100]))
    quoted = value.replace("'", "''")
    return f"'{quoted}'" if value.isascii() else f"N'{quoted}'"


@dataclass(frozen=True, slots=True)
class Tables:
    """Table names of one firm and period: cards belong to the firm, documents to the period."""

    firm: int
    period: int

    def card(self, name: str) -> str:
        """Return the table of a kind of card."""
        return f"LG_{self.firm:03d}_{name}"

    def slip(self, name: str) -> str:
        """Return the table of a kind of document."""
        return f"LG_{self.firm:03d}_{self.period:02d}_{name}"

    def stock(self, source: StockSource) -> str:
        """Return where on-hand quantities are summed."""
        if source is StockSource.TOTALS:
            return self.slip("GNTOTST")
        return f"LV_{self.firm:03d}_{self.period:02d}_STINVTOT"


def tables(config: LogoConfig) -> Tables:
    """Return the table names of a connection."""
    return Tables(config.firm, config.period)


def firm(config: LogoConfig) -> str:
    """Return the statement that reads the firm's name."""
    return _select(("LOGICALREF", "NR", "NAME"), "L_CAPIFIRM", (f"NR = {config.firm}",), "LOGICALREF", 1)


def of_firm(config: LogoConfig, table: str, columns: Sequence[str], after: int) -> str:
    """Return one page of a system table that lists something per firm."""
    where = (f"FIRMNR = {config.firm}", f"LOGICALREF > {after}")
    return _select(("LOGICALREF", *columns), table, where, "LOGICALREF", config.sql_page)


def parties(config: LogoConfig, after: int, top: int) -> str:
    """Return one page of partner cards."""
    source = tables(config).card("CLCARD")
    return _select(PARTY_COLUMNS, source, (f"LOGICALREF > {after}",), "LOGICALREF", top)


def cards(config: LogoConfig, card: Card, fields: Sequence[str], value: str, *, top: int = 20) -> str:
    """Return the statement that finds cards by a value in any of some columns."""
    where = " OR ".join(f"{name} = {literal(value)}" for name in fields)
    columns = ("LOGICALREF", "CODE", "GUID", "ACTIVE")
    return _select(columns, tables(config).card(card.table), (f"({where})",), "LOGICALREF", top)


def documents_by_key(config: LogoConfig, document: Document, guid: str, short: str) -> str:
    """Return the statement that finds documents by GUID or by our short reference."""
    where = f"(F.GUID = {literal(guid)} OR F.DOCTRACKINGNR = {literal(short)})"
    return _documents(config, document, (where,), 20)


def document_by_ref(config: LogoConfig, document: Document, ref: int) -> str:
    """Return the statement that reads one document's header."""
    return _documents(config, document, (f"F.LOGICALREF = {ref}",), 1)


def documents_between(
    config: LogoConfig, document: Document, since: date, until: date, after: int, top: int
) -> str:
    """Return one page of the documents of some days, both included."""
    where = (f"F.DATE_ >= '{since:%Y%m%d}'", f"F.DATE_ <= '{until:%Y%m%d}'", f"F.LOGICALREF > {after}")
    return _documents(config, document, where, top)


def stock(config: LogoConfig, warehouse: int, after: int, codes: Sequence[str], top: int) -> str:
    """Return on-hand and reserved quantities of the next items, zero where nothing was ever booked."""
    source = tables(config).stock(config.stock_source)
    on_hand = "T.ONHAND - T.TEMPIN" if config.subtract_consignment else "T.ONHAND"
    columns = (
        "I.LOGICALREF",
        "I.CODE",
        _total(on_hand, source, warehouse, "ONHAND"),
        _total("T.RESERVED", source, warehouse, "RESERVED"),
    )
    where = [f"I.LOGICALREF > {after}"]
    if codes:
        where.append(f"I.CODE IN ({', '.join(literal(code) for code in codes)})")
    return _select(columns, f"{tables(config).card('ITEMS')} I", where, "I.LOGICALREF", top)


def _total(expression: str, source: str, warehouse: int, name: str) -> str:
    inner = ["SELECT", f"SUM({expression})", "FROM", f"{source} T"]
    inner += ["WHERE", f"T.STOCKREF = I.LOGICALREF AND T.INVENNO = {warehouse}"]
    return f"ISNULL(({' '.join(inner)}), 0) AS {name}"


def warehouses(config: LogoConfig) -> tuple[int, ...]:
    """Return the warehouse numbers stock is read for; -1 is Logo's number for all together."""
    return config.stock_warehouses or (ALL_WAREHOUSES,)


def _documents(config: LogoConfig, document: Document, where: Sequence[str], top: int) -> str:
    names = tables(config)
    columns = _DOCUMENT_COLUMNS if document.table == "ORFICHE" else (*_DOCUMENT_COLUMNS, "F.GRPCODE")
    source = (
        f"{names.slip(document.table)} F LEFT JOIN {names.card('CLCARD')} C ON C.LOGICALREF = F.CLIENTREF"
    )
    return _select(columns, source, where, "F.LOGICALREF", top)


def _select(columns: Sequence[str], source: str, where: Sequence[str], order: str, top: int) -> str:
    conditions = " AND ".join(where)
    parts = ["SELECT", f"TOP {top}", ", ".join(columns), "FROM", source, "WHERE", conditions]
    return " ".join([*parts, "ORDER BY", order])
