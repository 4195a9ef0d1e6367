"""The simulated firm's database: Mikro's tables in SQLite, read by the connector's own T-SQL.

Values come out as the service writes them: GUIDs in braces, days with a clock, numbers as text. A column
must be spelled exactly, because the real databases have a Turkish collation.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

TEXT, NUMBER, DAY, GUID = "text", "number", "day", "guid"

TABLES: Mapping[str, Mapping[str, str]] = {
    "CARI_HESAPLAR": {
        "cari_Guid": GUID,
        **dict.fromkeys(
            ("cari_kod", "cari_unvan1", "cari_unvan2", "cari_vdaire_no", "cari_vdaire_adi"), TEXT
        ),
        **dict.fromkeys(("cari_VergiKimlikNo", "cari_EMail", "cari_CepTel", "cari_grup_kodu"), TEXT),
        **dict.fromkeys(("cari_muh_kod", "cari_temsilci_kodu", "cari_sektor_kodu", "cari_bolge_kodu"), TEXT),
        **dict.fromkeys(("cari_efatura_fl", "cari_def_efatura_cinsi", "cari_iptal"), NUMBER),
        **dict.fromkeys(("cari_fatura_adres_no", "cari_sevk_adres_no"), NUMBER),
    },
    "CARI_HESAP_ADRESLERI": {
        **dict.fromkeys(("adr_cari_kod", "adr_cadde", "adr_mahalle", "adr_sokak", "adr_posta_kodu"), TEXT),
        **dict.fromkeys(("adr_ilce", "adr_il", "adr_ulke", "adr_tel_bolge_kodu", "adr_tel_no1"), TEXT),
        "adr_adres_no": NUMBER,
    },
    "STOKLAR": {
        "sto_Guid": GUID,
        **dict.fromkeys(("sto_kod", "sto_isim", "sto_birim1_ad", "sto_marka_kodu", "sto_anagrup_kod"), TEXT),
        **dict.fromkeys(("sto_toptan_vergi", "sto_perakende_vergi", "sto_iptal"), NUMBER),
    },
    "BARKOD_TANIMLARI": {
        **dict.fromkeys(("bar_stokkodu", "bar_kodu"), TEXT),
        **dict.fromkeys(("bar_birimpntr", "bar_pasif_fl"), NUMBER),
    },
    "STOK_SATIS_FIYAT_LISTELERI": {
        "sfiyat_stokkod": TEXT,
        **dict.fromkeys(("sfiyat_listesirano", "sfiyat_deposirano", "sfiyat_fiyati", "sfiyat_doviz"), NUMBER),
    },
    "STOK_SATIS_FIYAT_LISTE_TANIMLARI": {"sfl_sirano": NUMBER, "sfl_aciklama": TEXT, "sfl_kdvdahil": NUMBER},
    "CARI_HESAP_HAREKETLERI": {
        "cha_Guid": GUID,
        **dict.fromkeys(
            ("cha_evrakno_seri", "cha_kod", "cha_aciklama", "cha_belge_no", "cha_disyazilimid"), TEXT
        ),
        **dict.fromkeys(("cha_ebelgeno_seri", "cha_projekodu", "cha_srmrkkodu", "cha_kasa_hizkod"), TEXT),
        **dict.fromkeys(
            ("cha_evrak_tip", "cha_evrakno_sira", "cha_satir_no", "cha_tip", "cha_cinsi"), NUMBER
        ),
        **dict.fromkeys(
            ("cha_normal_Iade", "cha_cari_cins", "cha_meblag", "cha_aratoplam", "cha_vade"), NUMBER
        ),
        **dict.fromkeys(("cha_d_cins", "cha_d_kur", "cha_iptal"), NUMBER),
        "cha_tarihi": DAY,
    },
    "STOK_HAREKETLERI": {
        "sth_Guid": GUID,
        "sth_fat_uid": GUID,
        **dict.fromkeys(("sth_stok_kod", "sth_evrakno_seri", "sth_cari_kodu", "sth_aciklama"), TEXT),
        **dict.fromkeys(("sth_evraktip", "sth_evrakno_sira", "sth_satirno", "sth_tip", "sth_miktar"), NUMBER),
        **dict.fromkeys(("sth_tutar", "sth_iskonto1", "sth_vergi", "sth_vergi_pntr", "sth_cins"), NUMBER),
        **dict.fromkeys(("sth_cikis_depo_no", "sth_giris_depo_no", "sth_normal_iade"), NUMBER),
        "sth_tarih": DAY,
    },
    "SIPARISLER": {
        "sip_Guid": GUID,
        **dict.fromkeys(("sip_evrakno_seri", "sip_musteri_kod", "sip_stok_kod", "sip_belgeno"), TEXT),
        **dict.fromkeys(("sip_projekodu", "sip_satici_kod", "sip_aciklama"), TEXT),
        **dict.fromkeys(("sip_tip", "sip_cins", "sip_evrakno_sira", "sip_satirno", "sip_miktar"), NUMBER),
        **dict.fromkeys(("sip_b_fiyat", "sip_tutar", "sip_vergi", "sip_vergi_pntr", "sip_depono"), NUMBER),
        **{f"sip_iskonto_{number}": NUMBER for number in range(1, 7)},
        **dict.fromkeys(("sip_doviz_cinsi", "sip_doviz_kuru", "sip_teslim_miktar"), NUMBER),
        **dict.fromkeys(("sip_kapat_fl", "sip_iptal", "sip_opno", "sip_adresno"), NUMBER),
        "sip_tarih": DAY,
        "sip_teslim_tarih": DAY,
    },
    "EVRAK_ACIKLAMALARI": {
        **dict.fromkeys(("egk_dosyano", "egk_evr_sira"), NUMBER),
        "egk_evr_seri": TEXT,
        **{f"egk_evracik{number}": TEXT for number in range(1, 11)},
    },
    "DEPOLAR": {"dep_no": NUMBER, "dep_adi": TEXT},
    "CARI_PERSONEL_TANIMLARI": {"cari_per_kod": TEXT, "cari_per_adi": TEXT},
    "ODEME_PLANLARI": {"odp_no": NUMBER, "odp_adi": TEXT},
    "KUR_ISIMLERI_VIEW": {"KUR_NUMARASI": NUMBER, "KUR_SEMBOLU": TEXT},
    "OZEL_FATURA": {"kayit_uid": GUID, "entegrasyon_no": TEXT},
    "OZEL_SIPARIS": {"kayit_uid": GUID, "entegrasyon_no": TEXT},
}
"""Tables and columns the connector may meet. The two last are what a customer has defined for itself."""

_INDEXES = (
    ("CARI_HESAPLAR", "cari_kod"),
    ("CARI_HESAPLAR", "cari_vdaire_no"),
    ("STOKLAR", "sto_kod"),
    ("BARKOD_TANIMLARI", "bar_stokkodu"),
    ("CARI_HESAP_HAREKETLERI", "cha_Guid"),
    ("CARI_HESAP_HAREKETLERI", "cha_aciklama"),
    ("CARI_HESAP_HAREKETLERI", "cha_evrakno_seri, cha_evrak_tip, cha_evrakno_sira"),
    ("STOK_HAREKETLERI", "sth_fat_uid"),
    ("SIPARISLER", "sip_Guid"),
    ("SIPARISLER", "sip_evrakno_seri, sip_evrakno_sira"),
    ("SIPARISLER", "sip_evrakno_sira"),
    ("SIPARISLER", "sip_stok_kod"),
    ("EVRAK_ACIKLAMALARI", "egk_evr_seri, egk_evr_sira"),
    ("EVRAK_ACIKLAMALARI", "egk_evracik1"),
)
_VIEW = """
CREATE VIEW STOK_HAREKETTEN_ELDEKI_MIKTAR_VIEW AS
SELECT sto_kod AS sth_stok_kod, fn_EldekiMiktar(sto_kod) AS sth_eldeki_miktar FROM STOKLAR
WHERE fn_Hareketli(sto_kod)"""

_KINDS = {name: kind for columns in TABLES.values() for name, kind in columns.items()}
_SPELLING = {name.lower(): name for name in _KINDS}
_TOKEN = re.compile(r"N?'(?:[^']|'')*'|[A-Za-z_][A-Za-z0-9_]*")
_TOP = re.compile(r"SELECT TOP \((\d+)\) ", re.ASCII)


class Refusal(Exception):
    """The service refuses; its text is what it says."""


@dataclass(frozen=True, slots=True)
class Style:
    """How values are written in answers of the SQL method."""

    braces: bool = True
    numbers_as_text: bool = True


class Database:
    """One firm's tables. Not thread-safe: callers hold a lock."""

    def __init__(self, functions: Mapping[str, tuple[int, Callable[..., Any]]], style: Style) -> None:
        """Take Mikro's own functions by name, with their number of arguments."""
        self.style = style
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        for name, (arguments, function) in functions.items():
            self._connection.create_function(name, arguments, function)
        for table, columns in TABLES.items():
            typed = ", ".join(f"{name} {_definition(kind)}" for name, kind in columns.items())
            self._connection.execute(f"CREATE TABLE {table} ({typed})")
        for number, (table, indexed) in enumerate(_INDEXES):
            self._connection.execute(f"CREATE INDEX i{number} ON {table} ({indexed})")
        # LIKE with a fixed beginning uses an index only when letter case counts.
        self._connection.execute("PRAGMA case_sensitive_like = ON")
        self._connection.execute(_VIEW)
        self._connection.execute(
            "CREATE TABLE INFORMATION_SCHEMA_COLUMNS (TABLE_NAME TEXT, COLUMN_NAME TEXT)"
        )
        self._connection.executemany(
            "INSERT INTO INFORMATION_SCHEMA_COLUMNS VALUES (?, ?)",
            [(table, name) for table, columns in TABLES.items() for name in columns],
        )

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()

    def drop_column(self, table: str, column: str) -> None:
        """Be a database without a column, as far as its catalogue says."""
        self._connection.execute(
            "DELETE FROM INFORMATION_SCHEMA_COLUMNS WHERE TABLE_NAME = ? AND COLUMN_NAME = ?", (table, column)
        )

    def insert(self, table: str, row: Row) -> None:
        """Add a row; members that are no columns are left out."""
        kept = {name: _plain(value) for name, value in row.items() if name in TABLES[table]}
        places = f"({', '.join(kept)}) VALUES ({', '.join('?' * len(kept))})"
        self._connection.execute(" ".join(["INSERT INTO", table, places]), tuple(kept.values()))

    def find(self, table: str, order: str = "", /, **equal: Any) -> list[Row]:
        """Return the rows with some values, as they are stored."""
        return self._run(["SELECT * FROM", table, *_where(equal), order], equal.values())

    def has(self, table: str, **equal: Any) -> bool:
        """Whether there is a row with some values."""
        return bool(self._run(["SELECT 1 FROM", table, *_where(equal), "LIMIT 1"], equal.values()))

    def highest(self, table: str, column: str, **equal: Any) -> int:
        """Return the largest value of a column among the rows with some values; without one 0."""
        found = self._run(
            ["SELECT", f"MAX({column}) AS found", "FROM", table, *_where(equal)], equal.values()
        )
        return int(found[0]["found"] or 0)

    def count(self, table: str) -> int:
        """Return how many rows there are."""
        return int(self._run(["SELECT COUNT(*) AS found FROM", table], ())[0]["found"])

    def delete(self, table: str, **equal: Any) -> None:
        """Delete the rows with some values."""
        self._run(["DELETE FROM", table, *_where(equal)], equal.values())

    def change(self, table: str, column: str, value: Any, **equal: Any) -> None:
        """Give a column of the rows with some values another value."""
        self._run(["UPDATE", table, "SET", f"{column} = ?", *_where(equal)], (value, *equal.values()))

    def _run(self, words: Iterable[str], values: Iterable[Any]) -> list[Row]:
        cursor = self._connection.execute(" ".join(words), tuple(map(_plain, values)))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def select(self, statement: str) -> list[Row]:
        """Run a statement of the connector and return its rows as the service writes them.

        Raises:
            Refusal: it is no single SELECT, or names what is not there.
        """
        if not statement.startswith("SELECT ") or ";" in re.sub(r"'(?:[^']|'')*'", "", statement):
            raise Refusal("Yalnızca SELECT sorgusu çalıştırılabilir.")
        top = _TOP.match(statement)
        translated = _TOKEN.sub(_translated, statement).replace("dbo.", "")
        translated = translated.replace("INFORMATION_SCHEMA.COLUMNS", "INFORMATION_SCHEMA_COLUMNS")
        if top:
            translated = " ".join(["SELECT", translated[top.end() :], "LIMIT", top[1]])
        try:
            rows = self._run([translated], ())
        except sqlite3.Error as error:
            raise Refusal(f"Invalid object or column name: {error}") from error
        return [{name: self._written(name, value) for name, value in row.items()} for row in rows]

    def _written(self, name: str, value: Any) -> Any:
        kind = _KINDS.get(name)
        if kind == GUID:
            return f"{{{value}}}" if self.style.braces else value
        if kind == DAY:
            return f"{value[:4]}-{value[4:6]}-{value[6:]}T00:00:00"
        if isinstance(value, float):
            written = f"{value:.4f}"
            return written if self.style.numbers_as_text else Decimal(written)
        return value


def _where(equal: Mapping[str, Any]) -> list[str]:
    return ["WHERE", " AND ".join(f"{name} = ?" for name in equal)] if equal else []


def _definition(kind: str) -> str:
    if kind == NUMBER:
        return "NUMERIC NOT NULL DEFAULT 0"
    if kind == DAY:
        return "TEXT NOT NULL DEFAULT '18991230'"
    if kind == GUID:
        return "TEXT COLLATE NOCASE NOT NULL DEFAULT ''"
    return "TEXT NOT NULL DEFAULT ''"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return int(value) if isinstance(value, bool) else value


def _translated(token: re.Match[str]) -> str:
    word = token[0]
    if word.endswith("'"):
        return word.removeprefix("N")
    known = _SPELLING.get(word.lower())
    if known is not None and known != word:
        raise Refusal(f"Invalid column name '{word}'.")
    return word
