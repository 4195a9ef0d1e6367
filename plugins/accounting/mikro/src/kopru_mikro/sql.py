"""The statements the connector reads by: SELECT only, every value a place that is filled with a literal.

Column names are spelled exactly as Mikro spells them: its databases have a Turkish collation, in which ``I``
and ``i`` are different letters. Cancelled records carry ``*_iptal``; there are no NULLs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kopru.toolkit.tsql import Value
from kopru_mikro.codes import NORMAL_ORDER, ORDER_FILE, RECEIVED_ORDER, VAT_POINTERS, Document
from kopru_mikro.config import MikroConfig, SecondKey, StockSource


@dataclass(frozen=True, slots=True)
class Query:
    """A statement and the values of its places."""

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)


_INVOICE = """
SELECT TOP (:top) C.cha_Guid, C.cha_evrak_tip, C.cha_evrakno_seri, C.cha_evrakno_sira, C.cha_tarihi,
 C.cha_kod, C.cha_meblag, C.cha_d_cins, C.cha_aciklama, C.cha_belge_no, C.cha_iptal, C.cha_ebelgeno_seri,
 (SELECT COUNT(*) FROM STOK_HAREKETLERI S WHERE S.sth_fat_uid = C.cha_Guid) AS satirlar
FROM CARI_HESAP_HAREKETLERI C WHERE C.cha_satir_no = 0 AND {condition} ORDER BY C.cha_Guid"""

_INVOICES = "SELECT COUNT(*) AS adet FROM CARI_HESAP_HAREKETLERI C WHERE C.cha_satir_no = 0 AND {condition}"

_SAME_ORDER = (
    "{0}.sip_tip = H.sip_tip AND {0}.sip_cins = H.sip_cins AND {0}.sip_evrakno_seri = H.sip_evrakno_seri"
    " AND {0}.sip_evrakno_sira = H.sip_evrakno_sira"
)
_NOTES = (
    "E.egk_dosyano = :file AND E.egk_evr_seri = H.sip_evrakno_seri AND E.egk_evr_sira = H.sip_evrakno_sira"
)
_DISCOUNTS = " - ".join(f"L.sip_iskonto_{number}" for number in range(1, 7))

_FIRST_ROW = """
H.sip_tip = :type AND H.sip_cins = :class
 AND H.sip_satirno = (SELECT MIN(M.sip_satirno) FROM SIPARISLER M WHERE {same})"""

_ORDER = """
SELECT TOP (:top) H.sip_Guid, H.sip_evrakno_seri, H.sip_evrakno_sira, H.sip_tarih, H.sip_musteri_kod,
 H.sip_doviz_cinsi, H.sip_iptal,
 (SELECT SUM(L.sip_tutar - {discounts} + L.sip_vergi) FROM SIPARISLER L WHERE {lines}) AS toplam,
 (SELECT SUM(L.sip_teslim_miktar) FROM SIPARISLER L WHERE {lines}) AS teslim,
 (SELECT COUNT(*) FROM SIPARISLER L WHERE {lines}) AS satirlar,
 (SELECT MAX(E.egk_evracik1) FROM EVRAK_ACIKLAMALARI E WHERE {notes}) AS aciklama
FROM SIPARISLER H WHERE {first} AND {condition} ORDER BY H.sip_Guid"""

_ORDERS = "SELECT COUNT(*) AS adet FROM SIPARISLER H WHERE {first} AND {condition}"

_PARTY = """
SELECT TOP (:top) C.cari_kod, C.cari_unvan1, C.cari_unvan2, C.cari_vdaire_no, C.cari_vdaire_adi,
 C.cari_EMail{tax}
FROM CARI_HESAPLAR C WHERE C.cari_iptal = 0 AND {condition} ORDER BY C.cari_kod"""

_ITEM = """
SELECT TOP (:top) S.sto_kod, S.sto_isim, S.sto_birim1_ad, S.sto_marka_kodu, S.sto_anagrup_kod,
 dbo.fn_VergiYuzde(S.sto_toptan_vergi) AS kdv{price}
FROM STOKLAR S WHERE S.sto_iptal = 0 AND {condition} ORDER BY S.sto_kod"""

_PRICE = """,
 (SELECT MAX(F.sfiyat_fiyati) FROM STOK_SATIS_FIYAT_LISTELERI F WHERE F.sfiyat_stokkod = S.sto_kod
 AND F.sfiyat_listesirano = :list AND F.sfiyat_deposirano = 0) AS fiyat,
 (SELECT MAX(F.sfiyat_doviz) FROM STOK_SATIS_FIYAT_LISTELERI F WHERE F.sfiyat_stokkod = S.sto_kod
 AND F.sfiyat_listesirano = :list AND F.sfiyat_deposirano = 0) AS doviz,
 (SELECT COUNT(*) FROM STOK_SATIS_FIYAT_LISTE_TANIMLARI T
 WHERE T.sfl_sirano = :list AND T.sfl_kdvdahil = 1) AS kdvli"""

_BARCODES = """
SELECT B.bar_stokkodu, B.{column} AS barkod, B.bar_birimpntr FROM BARKOD_TANIMLARI B
WHERE B.bar_pasif_fl = 0 AND B.bar_stokkodu IN (:codes) ORDER BY B.bar_stokkodu, B.{column}"""

_STOCK = """
SELECT TOP (:top) S.sto_kod, COALESCE({on_hand}, 0) AS eldeki, {reserved} AS rezerve
FROM STOKLAR S{joined} WHERE S.sto_iptal = 0 AND S.sto_kod > :after{among} ORDER BY S.sto_kod"""

_RESERVED = """(SELECT COALESCE(SUM(P.sip_miktar - P.sip_teslim_miktar), 0) FROM SIPARISLER P
 WHERE P.sip_stok_kod = S.sto_kod AND P.sip_tip = 0 AND P.sip_cins = 0 AND P.sip_kapat_fl = 0
 AND P.sip_iptal = 0 AND P.sip_miktar > P.sip_teslim_miktar{at})"""

_ON_HAND_VIEW = " LEFT JOIN STOK_HAREKETTEN_ELDEKI_MIKTAR_VIEW V ON V.sth_stok_kod = S.sto_kod"

_COLUMNS = """
SELECT C.TABLE_NAME, C.COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS C WHERE C.TABLE_NAME IN (:tables)"""

LISTS: Mapping[str, tuple[str, str, str]] = {
    "warehouse": ("DEPOLAR", "dep_no", "dep_adi"),
    "salesman": ("CARI_PERSONEL_TANIMLARI", "cari_per_kod", "cari_per_adi"),
    "payment_plan": ("ODEME_PLANLARI", "odp_no", "odp_adi"),
    "currency": ("KUR_ISIMLERI_VIEW", "KUR_NUMARASI", "KUR_SEMBOLU"),
    "price_list": ("STOK_SATIS_FIYAT_LISTE_TANIMLARI", "sfl_sirano", "sfl_aciklama"),
}
"""Mikro's own lists: kind, table, columns of code and name."""


def by_key(config: MikroConfig, document: Document, key: str, top: int = 20) -> Query:
    """Return the statement that finds the documents that carry a key."""
    return _documents(config, document, _key_condition(config, document), top, _key_values(key))


def count_by_key(config: MikroConfig, document: Document, key: str) -> Query:
    """Return the statement that counts the documents that carry a key."""
    counting = _INVOICES if document is Document.INVOICE else _ORDERS
    text = _filled(counting, {"condition": f"({_key_condition(config, document)})"})
    return Query(text, {**_fixed(document), **_key_values(key)})


def by_guid(config: MikroConfig, document: Document, guid: str) -> Query:
    """Return the statement that reads one document."""
    column = "C.cha_Guid" if document is Document.INVOICE else "H.sip_Guid"
    return _documents(config, document, f"{column} = :guid", 1, {"guid": guid})


def between(config: MikroConfig, document: Document, since: date, until: date, after: str, top: int) -> Query:
    """Return one page of the documents of some days, both included, behind a GUID."""
    invoice = document is Document.INVOICE
    day, guid = ("C.cha_tarihi", "C.cha_Guid") if invoice else ("H.sip_tarih", "H.sip_Guid")
    types = sorted({63, 0, config.sales_return.cha_evrak_tip, config.purchase_return.cha_evrak_tip})
    kinds = (
        f"C.cha_cari_cins = 0 AND C.cha_evrak_tip IN ({', '.join(map(str, types))}) AND " if invoice else ""
    )
    condition = f"{kinds}{day} >= :since AND {day} <= :until AND {guid} > :after"
    return _documents(config, document, condition, top, {"since": since, "until": until, "after": after})


def parties_after(config: MikroConfig, after: str, top: int) -> Query:
    """Return one page of partner cards."""
    return _parties(config, "C.cari_kod > :after", {"after": after, "top": top})


def party_by_code(config: MikroConfig, code: str) -> Query:
    """Return the statement that finds a partner card by its code."""
    return _parties(config, "C.cari_kod = :code", {"code": code, "top": 1})


def party_by_tax_number(config: MikroConfig, number: str) -> Query:
    """Return the statement that finds partner cards by VKN or TCKN."""
    second = config.tax_number_column
    also = f" OR (C.cari_vdaire_no = '' AND C.{second} = :number)" if second else ""
    return _parties(config, f"(C.cari_vdaire_no = :number{also})", {"number": number, "top": 20})


def items_after(config: MikroConfig, after: str, top: int) -> Query:
    """Return one page of item cards."""
    return _items(config, "S.sto_kod > :after", {"after": after, "top": top})


def items_by_code(config: MikroConfig, codes: Sequence[str]) -> Query:
    """Return the statement that finds item cards by their codes."""
    return _items(config, "S.sto_kod IN (:codes)", {"codes": tuple(codes), "top": max(1, len(codes))})


def barcodes(config: MikroConfig, codes: Sequence[str]) -> Query:
    """Return the barcodes in use of some items."""
    return Query(_filled(_BARCODES, {"column": config.barcode_column}), {"codes": tuple(codes)})


def stock(
    config: MikroConfig, warehouse: int | None, codes: Sequence[str], after: str, top: int, day: date
) -> Query:
    """Return on-hand and reserved quantities of the next items, zero where nothing was ever booked.

    Args:
        warehouse: its number; ``None`` means all together.
        codes: items asked for; empty means all.
        after: the last item read.
        top: most rows.
        day: today, for the function that counts one warehouse.
    """
    arguments = {"code": "S.sto_kod", "warehouse": ":warehouse", "date": ":day"}
    own = ", ".join(arguments[name] for name in config.warehouse_arguments)
    viewed = warehouse is None and config.stock_source is StockSource.VIEW
    total = "V.sth_eldeki_miktar" if viewed else "dbo.fn_EldekiMiktar(S.sto_kod)"
    parts = {
        "on_hand": total if warehouse is None else f"dbo.fn_DepodakiMiktar({own})",
        "joined": _ON_HAND_VIEW if viewed else "",
        "reserved": _RESERVED if config.count_open_orders else "0",
        "at": "" if warehouse is None else " AND P.sip_depono = :warehouse",
        "among": " AND S.sto_kod IN (:codes)" if codes else "",
    }
    values: dict[str, Value] = {"top": top, "after": after, "codes": tuple(codes), "day": day}
    return Query(_filled(_STOCK, parts), values if warehouse is None else {**values, "warehouse": warehouse})


def listing(kind: str) -> Query:
    """Return the statement that reads one of Mikro's own lists."""
    table, code, name = LISTS[kind]
    parts = ["SELECT", f"T.{code} AS kod, T.{name} AS ad", "FROM", f"{table} T", "ORDER BY", f"T.{code}"]
    return Query(" ".join(parts))


def vat_rates() -> Query:
    """Return the statement that reads the rate behind each row of the firm's tax table."""
    columns = (f"dbo.fn_VergiYuzde({pointer}) AS p{pointer}" for pointer in VAT_POINTERS)
    return Query(" ".join(["SELECT", ", ".join(columns)]))


def columns(tables: Sequence[str]) -> Query:
    """Return the statement that reads which columns some tables have."""
    return Query(_filled(_COLUMNS, {}), {"tables": tuple(tables)})


def _documents(
    config: MikroConfig, document: Document, condition: str, top: int, values: Mapping[str, Value]
) -> Query:
    statement = _INVOICE if document is Document.INVOICE else _ORDER
    text = _filled(statement, {"condition": f"({condition})"})
    return Query(text, {"top": top, **_fixed(document), **values})


def _fixed(document: Document) -> Mapping[str, Value]:
    if document is Document.INVOICE:
        return {}
    return {"file": ORDER_FILE, "type": RECEIVED_ORDER, "class": NORMAL_ORDER}


def _key_condition(config: MikroConfig, document: Document) -> str:
    """Return where a key may stand: the description's start, the first note, and the second place if set."""
    invoice = document is Document.INVOICE
    found = ["C.cha_aciklama LIKE :start" if invoice else _filled(_NOTED, {})]
    if config.second_key is SecondKey.EXTERNAL_ID and invoice:
        found.append("C.cha_disyazilimid = :key")
    if config.second_key is SecondKey.USER_COLUMN:
        table = config.invoice_user_table if invoice else config.order_user_table
        guid = "C.cha_Guid" if invoice else "H.sip_Guid"
        where = f"U.{config.user_link} = {guid} AND U.{config.user_column} = :key"
        found.append(" ".join(["EXISTS (SELECT 1 FROM", f"{table} U WHERE {where})"]))
    return " OR ".join(found)


_NOTED = """
(H.sip_evrakno_sira IN (SELECT N.egk_evr_sira FROM EVRAK_ACIKLAMALARI N
 WHERE N.egk_dosyano = :file AND N.egk_evracik1 LIKE :start)
 AND EXISTS (SELECT 1 FROM EVRAK_ACIKLAMALARI E WHERE {notes} AND E.egk_evracik1 LIKE :start))"""
"""The number alone finds the order quickly, the series makes sure."""


def _key_values(key: str) -> Mapping[str, Value]:
    return {"start": f"{key}%", "key": key}


def _parties(config: MikroConfig, condition: str, values: Mapping[str, Value]) -> Query:
    second = config.tax_number_column
    parts = {"tax": f", C.{second} AS ikinci_no" if second else "", "condition": condition}
    return Query(_filled(_PARTY, parts), values)


def _items(config: MikroConfig, condition: str, values: Mapping[str, Value]) -> Query:
    priced = config.price_list is not None
    text = _filled(_ITEM, {"price": _PRICE if priced else "", "condition": condition})
    return Query(text, {**values, "list": config.price_list} if config.price_list else values)


def _filled(statement: str, parts: Mapping[str, str]) -> str:
    """Return a statement with its own building blocks put in, on one line."""
    blocks = {
        "first": _FIRST_ROW,
        "notes": _NOTES,
        "discounts": _DISCOUNTS,
        **parts,
        "lines": _SAME_ORDER.format("L"),
        "same": _SAME_ORDER.format("M"),
    }
    for name in (*parts, "first", "notes", "discounts", "lines", "same", "at"):
        statement = statement.replace(f"{{{name}}}", blocks.get(name, ""))
    return " ".join(statement.split())
