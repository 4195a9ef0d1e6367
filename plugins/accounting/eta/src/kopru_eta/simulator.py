"""A simulated ETA firm: its tables on PostgreSQL, the installed procedures as functions.

The connector's own statements run on it in translation. Columns and behaviour follow what users of ETA's
database describe; lengths and the wording of errors are made up. No SQL Server was used, so T-SQL's own
matters (locks, hints, collation, OUTPUT, the driver) are not proven by it.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from kopru.sdk import Operation
from kopru.testing.simulator import Held
from kopru.testing.sql import Ran, Session, SqlSimulator
from kopru.testing.world import World
from kopru.toolkit import dates
from kopru_eta.simulation.procedures import Installed
from kopru_eta.simulation.tables import TABLES

_FACTS = (
    ("INTO #kopru FROM CARKART", "party.created", "party_code"),
    ("INTO #kopru FROM STKKART", "item.created", "item_code"),
    ("INTO #kopru FROM FATFIS ", "invoice.posted", "number"),
    ("DELETE FROM FATFIS", "invoice.deleted", "ref"),
    ("@FaturaNumarasi", "invoice.posted", "number"),
)
"""What a statement's text shows about the fact it brings about, and the value that names the record."""

TEMPLATE_SALE = "SABLON-SATIS"
TEMPLATE_RETURN = "SABLON-SIADE"


class EtaSimulator(SqlSimulator):
    """One firm with a database for this year and one for the last."""

    name = "eta"
    tables = TABLES

    def __init__(self, **options: Any) -> None:
        """Take what ``Simulator`` takes; both years begin with the template cards and invoices."""
        super().__init__(**options)
        self.year = dates.local_date(datetime.now(UTC)).year
        self.installed = Installed()
        self.procedures = dict(self.installed.procedures)
        self._loaded: set[str] = set()
        for year in (self.year - 1, self.year):
            _furnish(self.add_database(self.database(year)), year, self.procedures)

    def database(self, year: int) -> str:
        """Return the name of a year's database."""
        return f"ETA_KOPRU_{year}"

    def config(self) -> dict[str, Any]:
        """Return connection settings that make the connector talk to this simulator."""
        return {
            "server": "127.0.0.1",
            "port": int(self.url.rpartition(":")[2]),
            "username": self.username,
            "password": self.password,
            "databases": {str(year): self.database(year) for year in (self.year - 1, self.year)},
            "price_list": 1,
            "prices_include_vat": True,
            "vat_numbers": {"1": "1", "2": "10", "3": "20"},
            "purchases": "procedures",
            "sales": "tables",
            "experimental": True,
            "invoice_types": {"purchase": 1, "expense": 2, "purchase_return": 3},
            "templates": {
                "party": "120.SABLON",
                "item": "SABLON",
                "sale": TEMPLATE_SALE,
                "sales_return": TEMPLATE_RETURN,
            },
            "warehouse": "MERKEZ",
            "shipping_item": "HZM.KARGO",
        }

    def load(self, world: World) -> None:
        """Enter the world's items with stock, barcode and price. Partners are made by the connector."""
        numbers = {Decimal(1): 1, Decimal(10): 2, Decimal(20): 3}
        with self.lock:
            session = self.session(self.database(self.year))
            for item in world.items:
                if item.code not in self._loaded:
                    self._loaded.add(item.code)
                    self.add_item(session, item.code, item.name, Decimal(item.stock))
                    session.insert(
                        "stkbarkod", stkbarkod=item.barcode, stkbarstkkod=item.code, stkbaritemno=1
                    )
                    session.insert(
                        "stkfiyat",
                        stkfiystkkod=item.code,
                        stkfiyno=1,
                        stkfiytutar=item.price,
                        stkfiykdvno=numbers[item.vat_rate],
                    )

    def add_item(self, session: Session, code: str, name: str, stock: Decimal = Decimal(0)) -> None:
        """Enter an item card by hand."""
        session.insert("stkkart", stkkod=code, stkcinsi=name, stkbirim="AD", stkbakiye=stock)

    def add_party(self, code: str, name: str, tax_number: str = " ") -> None:
        """Enter a partner card by hand."""
        with self.lock:
            session = self.session(self.database(self.year))
            session.insert("carkart", carkod=code, carunvan=name, carverhesno=tax_number)

    def held(self, operation: Operation) -> list[Held]:
        """Return what writes of one kind left behind: invoices by the key on their lines, cards by code."""
        with self.lock:
            return [each for database in self.databases for each in _held(self.session(database), operation)]

    def rows(self, text: str, year: int | None = None, **values: Any) -> list[dict[str, Any]]:
        """Run a statement in PostgreSQL's words on a year's database, for tests."""
        with self.lock:
            return self.session(self.database(year or self.year)).rows(text, **values)

    def committed(self, session: Session, steps: Sequence[Ran]) -> None:
        """Note what the statements of a transaction came to."""
        for step in steps:
            for sign, kind, value in _FACTS:
                if sign in step.text:
                    self.truth.note(kind, database=session.database, reference=str(step.values[value]))


def _furnish(session: Session, year: int, procedures: dict[str, Any]) -> None:
    for name in procedures:
        session.insert("routines", routine_name=name)
    for number, kind in ((1, "ALIM"), (2, "GİDER"), (3, "ALIM İADE"), (13, "PERAKENDE SATIŞ")):
        session.insert("fatfistip", fatftno=number, fatftkod=kind)
    session.insert("depo", depkod="MERKEZ")
    for module in (1, 3, 6):
        session.insert("harrefno", harrefmodul=module, harrefkonu=1, harrefdeger=100)
    session.insert("carkart", carkod="120.SABLON", carunvan="ŞABLON CARİ")
    session.insert("stkkart", stkkod="SABLON", stkcinsi="ŞABLON STOK", stkbirim="AD")
    session.insert("stkkart", stkkod="HZM.KARGO", stkcinsi="KARGO", stkbirim="AD")
    _template(session, year, 1, TEMPLATE_SALE, 2)
    _template(session, year, 2, TEMPLATE_RETURN, 1)


def _template(session: Session, year: int, ref: int, number: str, flag: int) -> None:
    """Enter a template invoice, as an operator would."""
    day = date(year, 1, 1)
    session.insert(
        "fatfis",
        fatfisrefno=ref,
        fatfisstkrefno=ref,
        fatfistar=day,
        fatfistipi=13,
        fatfisgcflag=flag,
        fatfisevrakno1=number,
        fatfiscarkod="120.SABLON",
        fatfiscarunvan="ŞABLON CARİ",
    )
    session.insert("fathar", fatharrefno=ref, fathartar=day, fatharsirano=1, fathargcflag=flag)
    session.insert("fatfistoplam", fftrefno=ref, ffttar=day, fftkonu=101, fftbaslik="KDV(%20)")
    session.insert("stkfis", stkfisrefno=ref, stkfistar=day, stkfisgcflag=flag)
    session.insert("stkhar", stkharrefno=ref, stkhartar=day, stkharsirano=1, stkhargcflag=flag)
    session.insert("sirketlog", sirlogmodul=3, sirlogkytrefno=ref, sirlogilktar=day, sirlogsontar=day)


_KEYED = """
SELECT fatfisrefno AS ref, fatfisevrakno1 AS number, fatfisgentoplam AS total,
    (SELECT max(fatharaciklama1) FROM fathar WHERE fatharrefno = fatfisrefno) AS key_text
FROM fatfis ORDER BY fatfisrefno
"""


def _held(session: Session, operation: Operation) -> list[Held]:
    if operation is Operation.POST_INVOICE:
        return [
            Held(row["key_text"] or "", f"{session.database[-4:]}/{row['ref']}", row["number"], row["total"])
            for row in session.rows(_KEYED)
            if not row["number"].startswith("SABLON")
        ]
    cards = {
        Operation.UPSERT_PARTY: "SELECT carkod AS code FROM carkart",
        Operation.UPSERT_PRODUCT: "SELECT stkkod AS code FROM stkkart",
    }
    found = session.rows(cards[operation]) if operation in cards else []
    return [Held(row["code"], row["code"], row["code"]) for row in found]


simulator = EtaSimulator
