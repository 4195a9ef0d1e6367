"""Business partner cards (cari hesap): our request to ``Arps``, and cards read back."""

from typing import Any

from kopru.model import ExternalRef, Finding, Party, PartyCard, PartyKind, TaxScheme
from kopru.sdk import IdempotencyKey, PartyRequest, Record, Rejected
from kopru.toolkit import taxnumbers, validation
from kopru.toolkit.rows import integer, raw, text
from kopru.toolkit.text import split_phone, truncate
from kopru_logo.codes import PARTY, PARTY_CODE_LENGTH, repaired
from kopru_logo.config import LogoConfig
from kopru_logo.mapping.edocument import COUNTRY_NAMES, split
from kopru_logo.reading import reference
from kopru_logo.texts import TEXTS

Body = dict[str, Any]

_USES = ("PURCHBRWS", "SALESBRWS", "IMPBRWS", "EXPBRWS", "FINBRWS")
_DEFAULTS = {
    "RISK_TYPE1": 1,
    "RISK_TYPE2": 1,
    "RISK_TYPE3": 1,
    "CL_ORD_FREQ": 1,
    "CORRESP_LANG": 1,
    "INVOICE_PRNT_CNT": 1,
    "COLLATRLRISK_TYPE": 1,
}


def tax_number(party: Party) -> str:
    """Return the number a card may be found by; placeholders and foreign numbers find nothing."""
    tax_id = party.tax_id
    if tax_id is None or tax_id.scheme is TaxScheme.FOREIGN or taxnumbers.is_placeholder(tax_id.value):
        return ""
    return tax_id.value


def party_body(config: LogoConfig, key: IdempotencyKey, request: PartyRequest) -> Body:
    """Return the request body of a new card.

    Raises:
        Rejected: ``logo.party.*`` when code or name cannot be written.
    """
    _check(request)
    party, codes = request.party, config.codes_for(request.channel)
    title, more = split(party.display_name, config.title_length)
    street = " ".join(filter(None, (party.address.neighbourhood, party.address.street)))
    address, rest = split(street, config.address_length)
    phone = split_phone(party.phone)
    texts = {
        "TITLE2": more,
        "NAME": party.first_name,
        "SURNAME": party.last_name,
        "TAX_OFFICE": party.tax_office,
        "ADDRESS1": address,
        "ADDRESS2": rest,
        "DISTRICT": party.address.neighbourhood,
        "TOWN": party.address.district,
        "CITY": party.address.city,
        "COUNTRY": COUNTRY_NAMES.get(party.address.country, ""),
        "COUNTRY_CODE": party.address.country,
        "POSTAL_CODE": party.address.postal_code,
        "TELEPHONE1": f"{phone.area}{phone.number}" if phone else party.phone,
        "E_MAIL": party.email,
        "EARC_EMAIL_ADDRESS1": party.email,
        "AUXIL_CODE": codes.auxil_code,
        "AUTH_CODE": codes.auth_code,
        "TRADING_GRP": codes.trading_group,
        "PAYMENT_CODE": codes.payment_code,
        "PROJECT_CODE": codes.project_code,
        "OHP_CODE": codes.overhead_code,
        "GL_CODE": codes.party_gl_code,
    }
    return {
        "INTERNAL_REFERENCE": 0,
        "ACCOUNT_TYPE": config.account_type,
        "RECORD_STATUS": 0,
        "CODE": request.code,
        "GUID": str(key.uuid).upper(),
        "TITLE": title,
        **_identity(party),
        **{name: value for name, value in texts.items() if value},
        **dict.fromkeys(_USES, 1),
        **_DEFAULTS,
        **_edocuments(config, party),
    }


def card_record(config: LogoConfig, row: Any) -> Record[PartyCard]:
    """Map a row of the query door to a card; a row that cannot be read has findings."""
    kept = raw(row)

    def build() -> PartyCard:
        ref = reference(row, "LOGICALREF")
        return PartyCard(
            ref=ExternalRef(kind=PARTY.kind, id=str(ref)),
            revision=kept.digest,
            code=text(row, "CODE"),
            name=_letters(config, text(row, "DEFINITION_") or text(row, "CODE")),
            tax_number=text(row, "TAXNR") or text(row, "TCKNO"),
            tax_office=_letters(config, text(row, "TAXOFFICE")),
            email=text(row, "EMAILADDR"),
            active=integer(row, "ACTIVE") == 0,
        )

    return validation.record(_id(row, "LOGICALREF"), kept, build, prefix="logo.party")


def card_of_object(row: Any) -> Any:
    """Return a card of the REST resource with the column names of the query door."""
    if not isinstance(row, dict):
        return row
    return {
        "LOGICALREF": row.get("INTERNAL_REFERENCE"),
        "CODE": row.get("CODE"),
        "DEFINITION_": row.get("TITLE"),
        "TAXNR": row.get("TAX_ID"),
        "TCKNO": row.get("TCKNO"),
        "TAXOFFICE": row.get("TAX_OFFICE"),
        "EMAILADDR": row.get("E_MAIL"),
        "ACTIVE": row.get("RECORD_STATUS"),
        "GUID": row.get("GUID"),
    }


def _check(request: PartyRequest) -> None:
    found = []
    if not 0 < len(request.code) <= PARTY_CODE_LENGTH:
        values = {"given": truncate(request.code, 60), "limit": PARTY_CODE_LENGTH}
        found.append(
            Finding(code="logo.party.code", message=TEXTS.text("logo.party.code", **values), field="code")
        )
    if not request.party.display_name:
        found.append(Finding(code="logo.party.name", message=TEXTS["logo.party.name"], field="party.name"))
    if found:
        raise Rejected(found[0].code, found[0].message, findings=found, field=found[0].field)


def _identity(party: Party) -> Body:
    """Return who the card is: a person needs first and last name, so a collective card is none."""
    person = party.kind is PartyKind.PERSON and bool(party.first_name and party.last_name)
    made: Body = {"PERSCOMPANY": int(person)}
    if party.tax_id is None:
        return made
    value = party.tax_id.value
    if party.tax_id.scheme is TaxScheme.FOREIGN:
        return {**made, "ISFOREIGN": 1, "VAT_ID": value}
    return {**made, "TCKNO" if party.tax_id.scheme is TaxScheme.TCKN else "TAX_ID": value}


def _edocuments(config: LogoConfig, party: Party) -> Body:
    if party.einvoice_registered:
        return {"ACCEPT_EINV": 1}
    sending = {} if config.send_mode is None else {"EARCHIVE_SEND_MODE": config.send_mode}
    return {"ACCEPT_EINV": 0, **sending}


def _letters(config: LogoConfig, value: str) -> str:
    return repaired(value) if config.repair_letters else value


def _id(row: Any, name: str) -> str:
    return str(row.get(name) or "?")[:100] if isinstance(row, dict) else "?"
