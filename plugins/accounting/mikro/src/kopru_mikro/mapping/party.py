"""Business partner cards (cari hesap): our request for ``CariKaydetV2``, and cards read back."""

from typing import Any

from kopru.model import Address, ExternalRef, Finding, Party, PartyCard, TaxScheme
from kopru.sdk import PartyRequest, Record, Rejected
from kopru.toolkit import rows, taxnumbers, validation
from kopru.toolkit.text import clean, split_phone, truncate
from kopru_mikro.codes import CODE_LENGTH, NO_CURRENCY, PARTY, PHONE_LENGTH, POSTAL_CODE_LENGTH, TITLE_LENGTH
from kopru_mikro.config import Codes, MikroConfig
from kopru_mikro.texts import TEXTS

Body = dict[str, Any]

_COUNTRIES = {"TR": "TÜRKİYE"}


def tax_number(party: Party) -> str:
    """Return the number a card may be found by; placeholders and foreign numbers find nothing."""
    tax_id = party.tax_id
    if tax_id is None or tax_id.scheme is TaxScheme.FOREIGN or taxnumbers.is_placeholder(tax_id.value):
        return ""
    return tax_id.value


def party_body(config: MikroConfig, request: PartyRequest) -> Body:
    """Return the ``cariler`` entry of a new card.

    Raises:
        Rejected: ``mikro.party.*`` when code or name cannot be written.
    """
    _check(request)
    party = request.party
    title, more = split(clean(party.display_name), TITLE_LENGTH)
    return {
        "cari_kod": request.code,
        "cari_unvan1": title,
        "cari_unvan2": truncate(more, TITLE_LENGTH),
        "cari_vdaire_no": party.tax_id.value if party.tax_id else "",
        "cari_vdaire_adi": truncate(party.tax_office, config.address_length),
        "cari_doviz_cinsi1": 0,
        "cari_doviz_cinsi2": NO_CURRENCY,
        "cari_doviz_cinsi3": NO_CURRENCY,
        "cari_vade_fark_yuz": 0,
        "cari_KurHesapSekli": 1,
        "cari_fatura_adres_no": config.address_number,
        "cari_sevk_adres_no": config.address_number,
        "cari_EMail": party.email,
        "cari_CepTel": _mobile(party.phone),
        **_registration(config, party),
        **_codes(config.codes_for(request.channel)),
        "adres": [
            {**address_fields(config, party.address), **_phone(party.phone), "yetkili": _contact(party)}
        ],
    }


def address_fields(config: MikroConfig, address: Address) -> Body:
    """Return an address in Mikro's short fields; a long street goes on in the fields beside it."""
    street, rest = split(clean(address.street), config.address_length)
    quarter = clean(address.neighbourhood)
    if not quarter:
        quarter, rest = split(rest, config.address_length)
    return {
        "adr_cadde": street,
        "adr_mahalle": truncate(quarter, config.address_length),
        "adr_sokak": truncate(rest, config.address_length),
        "adr_posta_kodu": truncate(address.postal_code, POSTAL_CODE_LENGTH),
        "adr_ilce": truncate(address.district, config.address_length),
        "adr_il": truncate(address.city, config.address_length),
        "adr_ulke": country_name(address),
    }


def country_name(address: Address) -> str:
    """Return a country as Mikro's users write it."""
    return _COUNTRIES.get(address.country, address.country)


def split(value: str, length: int) -> tuple[str, str]:
    """Return a text's first field of a length, cut between words where possible, and what is left."""
    if len(value) <= length:
        return value, ""
    head = value[: length + 1].rpartition(" ")[0] or value[:length]
    return head, value[len(head) :].strip()


def card_record(config: MikroConfig, row: Any) -> Record[PartyCard]:
    """Map a row of partner cards; a row that cannot be read has findings."""
    kept = rows.raw(row)

    def build() -> PartyCard:
        code = rows.text(row, "cari_kod")
        name = " ".join(filter(None, (rows.text(row, "cari_unvan1"), rows.text(row, "cari_unvan2"))))
        return PartyCard(
            ref=ExternalRef(kind=PARTY, id=code),
            revision=kept.digest,
            code=code,
            name=name or code,
            tax_number=rows.text(row, "cari_vdaire_no") or rows.text(row, "ikinci_no"),
            tax_office=rows.text(row, "cari_vdaire_adi"),
            email=rows.text(row, "cari_EMail"),
        )

    return validation.record(record_id(row, "cari_kod"), kept, build, prefix="mikro.party")


def record_id(row: Any, name: str) -> str:
    """Return the identity of a row for people, whatever it holds."""
    return (str(row.get(name) or "").strip() or "?")[:100] if isinstance(row, dict) else "?"


def _check(request: PartyRequest) -> None:
    found = []
    if not 0 < len(request.code) <= CODE_LENGTH:
        text = TEXTS.text("mikro.party.code", given=truncate(request.code, 60), limit=CODE_LENGTH)
        found.append(Finding(code="mikro.party.code", message=text, field="code"))
    if not clean(request.party.display_name):
        found.append(Finding(code="mikro.party.name", message=TEXTS["mikro.party.name"], field="party.name"))
    if found:
        raise Rejected(found[0].code, found[0].message, findings=found, field=found[0].field)


def _registration(config: MikroConfig, party: Party) -> Body:
    if not config.match_einvoice:
        return {}
    registered = int(bool(party.einvoice_registered))
    return {"cari_efatura_fl": registered, "cari_def_efatura_cinsi": config.einvoice_scenario}


def _codes(codes: Codes) -> Body:
    named = {
        "cari_temsilci_kodu": codes.salesman,
        "cari_grup_kodu": codes.party_group,
        "cari_sektor_kodu": codes.party_sector,
        "cari_bolge_kodu": codes.party_region,
        "cari_muh_kod": codes.party_gl_code,
    }
    return {name: code for name, code in named.items() if code}


def _contact(party: Party) -> list[Body]:
    if not party.first_name and not party.last_name:
        return []
    return [
        {
            "mye_isim": truncate(party.first_name, 50),
            "mye_soyisim": truncate(party.last_name, 50),
            "mye_email_adres": party.email,
            "mye_cep_telno": _mobile(party.phone),
        }
    ]


def _phone(text: str) -> Body:
    phone = split_phone(text)
    if phone is None:
        return {}
    return {
        "adr_tel_ulke_kodu": phone.country,
        "adr_tel_bolge_kodu": phone.area,
        "adr_tel_no1": truncate(phone.number, PHONE_LENGTH),
    }


def _mobile(text: str) -> str:
    phone = split_phone(text)
    return f"{phone.area}{phone.number}" if phone else ""
