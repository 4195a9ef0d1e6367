"""Stand-ins for the procedures a site may have installed, as their users describe them.

They know purchase kinds only, take the next reference as the largest one plus one, write the invoice's number
and day where a delivery note's belong, make missing item cards from nothing, and keep the balances.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kopru.testing.sql import Procedure, Refused, Session

_RAISED = 50000
_TYPES = {"1", "2", "3"}
_RETURN = "3"
_NEXT = {
    "fatfis": "SELECT max(fatfisrefno) + 1 AS ref FROM fatfis",
    "stkfis": "SELECT max(stkfisrefno) + 1 AS ref FROM stkfis",
}


class Installed:
    """The procedures, with what they are called with kept for tests."""

    def __init__(self) -> None:
        """Start without calls."""
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self.procedures: dict[str, Procedure] = {
            "sp_Fatura_Kayit": self._header,
            "sp_Fatura_Detay_Kayit": self._line,
            "sp_FatFisToplam_Kayit": self._totals,
        }

    def _header(self, session: Session, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append(("header", given))
        if given["ErpFaturaTipi"] not in _TYPES:
            raise Refused(_RAISED, "Tanımsız Fatura Tipi!")
        ref, stock_ref = _next(session, "fatfis"), _next(session, "stkfis")
        day, flag = given["FaturaTarihi"], 2 if given["ErpFaturaTipi"] == _RETURN else 1
        session.insert(
            "fatfis",
            fatfisrefno=ref,
            fatfisstkrefno=stock_ref,
            fatfistar=day,
            fatfistipi=int(given["ErpFaturaTipi"]),
            fatfisgcflag=flag,
            fatfisevrakno1=given["FaturaNumarasi"],
            fatfiscarkod=given["ErpCariKodu"],
            fatfiscarunvan=given["ErpCariKodu"],
            fatfisanadepo=given["ErpDepoKodu"],
            fatfisirsno=given["FaturaNumarasi"],
            fatfisirstar=day,
            fatfismaltop=given["MalHizmetToplamTutari"],
            fatfiskalindytop=given["ToplamIskonto"],
            fatfiskdvtutari=given["VergiTutari"],
            fatfisgentoplam=given["OdenecekTutar"],
        )
        session.insert(
            "stkfis",
            stkfisrefno=stock_ref,
            stkfistar=day,
            stkfisgcflag=flag,
            stkfisevrakno1=given["FaturaNumarasi"],
            stkfistopbtut=given["STKFISTOPBTUT"],
            stkfistopntut=given["STKFISTOPNTUT"],
        )
        sign = 1 if flag == 2 else -1
        session.rows(
            "UPDATE carkart SET carbakiye = carbakiye + %(total)s WHERE carkod = %(code)s::bpchar",
            total=sign * given["OdenecekTutar"],
            code=given["ErpCariKodu"],
        )
        return {"DonusDegeri1": ref, "DonusDegeri2": stock_ref}

    def _line(self, session: Session, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append(("line", given))
        flag = 2 if given["ErpFaturaTipi"] == _RETURN else 1
        net = given["MalHizmetMiktar"] * given["BirimFiyat"] - given["IskontoTutari1"]
        for table, ref in (("fathar", given["FatFisRefNo"]), ("stkhar", given["StokFisRefNo"])):
            values = {
                "refno": ref,
                "tar": given["FaturaTarihi"],
                "sirano": given["SiraNumarasi"],
                "gcflag": flag,
                "stkkod": given["ErpUrunKodu"],
                "stkbrm": given["BirimKodu"],
                "miktar": given["MalHizmetMiktar"],
                "fiyat": given["BirimFiyat"],
                "kdvyuz": given["VergiOrani"],
                "kdvtutar": given["VergiTutari"],
                "iskytut1": given["IskontoTutari1"],
                "nettutar": net,
            }
            session.insert(table, **{f"{table}{name}": value for name, value in values.items()})
        _move(session, given["ErpUrunKodu"], given["MalHizmetMiktar"] * (1 if flag == 1 else -1))
        return {}

    def _totals(self, session: Session, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append(("totals", given))
        session.rows(
            "INSERT INTO fatfistoplam (fftrefno, fftkonu, fftbaslik, fftkdvoran, ffttutar, fftmatrah) "
            "SELECT fatharrefno, 101, 'KDV', fatharkdvyuz, sum(fatharkdvtutar), sum(fatharnettutar) "
            "FROM fathar WHERE fatharrefno = %(ref)s GROUP BY fatharrefno, fatharkdvyuz",
            ref=given["FatFisRefNo"],
        )
        return {}


def _next(session: Session, table: str) -> int:
    found = session.rows(_NEXT[table])
    return int(found[0]["ref"])


def _move(session: Session, code: str, quantity: Decimal) -> None:
    found = session.rows("SELECT 1 AS there FROM stkkart WHERE stkkod = %(code)s::bpchar", code=code)
    if not found:
        session.insert("stkkart", stkkod=code, stkcinsi=code, stkbirim="AD")
    session.rows(
        "UPDATE stkkart SET stkbakiye = stkbakiye + %(quantity)s WHERE stkkod = %(code)s::bpchar",
        quantity=quantity,
        code=code,
    )
