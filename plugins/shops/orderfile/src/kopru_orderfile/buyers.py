"""Who buys and where the goods go."""

from kopru.model import Address, Party, PartyKind, Severity, Shipping, TaxId, TaxScheme
from kopru.toolkit import fold, taxnumbers, text
from kopru_orderfile import codes
from kopru_orderfile.cells import Row
from kopru_orderfile.reader import Reader

TAX_FIELDS = ("tax_number", "vkn", "tckn")
_CORPORATE = frozenset({"kurumsal", "sirket", "firma", "tuzel", "corporate", "company", "business"})
_PRIVATE = frozenset({"bireysel", "sahis", "gercek kisi", "individual", "person", "personal", "consumer"})
_POSTAL_DIGITS = 5


def buyer(reader: Reader, shipping: Shipping) -> Party | None:
    """Return the buyer, ``None`` after noting that the order has no buyer's name.

    A VKN makes a company, a TCKN a person; without either the customer type tells, then a company column,
    then the name itself.
    """
    company = reader.order_text("company")
    name, first, last = _names(reader)
    if not (company or name or first or last):
        reader.fault("missing", reader.rows[0], "buyer_name" if reader.has("buyer_name") else "company")
        return None
    address = _billing(reader, shipping)
    tax_id = _tax_id(reader, address.country)
    kind = _kind(reader, tax_id, company, name)
    if kind is PartyKind.COMPANY:
        named = {"name": company or name or text.join(first, last)}
    else:
        first, last = (first, last) if first or last else text.split_name(name or company)
        named = {"name": company, "first_name": first, "last_name": last}
    return Party(
        kind=kind,
        **named,
        tax_id=tax_id,
        tax_office=reader.order_text("tax_office"),
        email=reader.order_text("email"),
        phone=reader.order_text("phone"),
        address=address,
    )


def delivery(reader: Reader) -> Shipping:
    """Return where the goods go and who carries them."""
    name, first, last = _names(reader, billing=False)
    return Shipping(
        recipient=reader.order_text("recipient") or name or text.join(first, last),
        phone=reader.order_text("ship_phone") or reader.order_text("phone"),
        address=Address(
            street=_first(reader, "ship_address", "address", "billing_address"),
            neighbourhood=reader.order_text("neighbourhood"),
            district=_first(reader, "ship_district", "district", "billing_district"),
            city=_first(reader, "ship_city", "city", "billing_city"),
            postal_code=_postal(reader, "ship_postal_code", "postal_code", "billing_postal_code"),
            country=_country(reader, "ship_country", "country", "billing_country"),
        ),
        carrier=reader.order_text("carrier"),
        tracking_number=reader.order_text("tracking_number"),
        tracking_url=reader.order_text("tracking_url"),
        shipped_at=reader.order_moment("shipped_at"),
    )


def _names(reader: Reader, *, billing: bool = True) -> tuple[str, str, str]:
    first, last = reader.order_text("first_name"), reader.order_text("last_name")
    name = (reader.order_text("billing_name") if billing else "") or reader.order_text("buyer_name")
    return ("", first, last) if first and last else (name or text.join(first, last), "", "")


def _billing(reader: Reader, shipping: Shipping) -> Address:
    """Return the billing address; what only the delivery address tells is taken from there."""
    country = _country(reader, "billing_country", "country", "ship_country")
    street = _first(reader, "billing_address", "address", "ship_address")
    city = _first(reader, "billing_city", "city", "ship_city")
    told = reader.order_text("billing_city") or not reader.order_text("billing_address")
    same = fold.same(street, shipping.address.street) or fold.fold(city) in fold.fold(street)
    if city and not told and not same:
        reader.order_fault("billing_city_assumed", "billing_address", severity=Severity.WARNING, value=city)
    return Address(
        street=street,
        neighbourhood="" if reader.has("billing_address") else reader.order_text("neighbourhood"),
        district=_first(reader, "billing_district", "district", "ship_district"),
        city=city,
        postal_code=_postal(reader, "billing_postal_code", "postal_code", "ship_postal_code"),
        country=country,
    )


def _tax_id(reader: Reader, country: str) -> TaxId | None:
    for name in TAX_FIELDS:
        row = reader.speaker(name)
        value = reader.code(row, name)
        if not value or taxnumbers.is_placeholder(value) or not value.strip("0"):
            continue
        if found := _read_tax_id(reader, row, name, value, country):
            return found
    return None


def _read_tax_id(reader: Reader, row: Row, name: str, value: str, country: str) -> TaxId | None:
    found = taxnumbers.tax_id(value, country=country)
    if found is None and value.isdigit() and taxnumbers.is_vkn(value.zfill(10)):
        value = value.zfill(10)
        reader.fault("zero_restored", row, name, severity=Severity.WARNING, value=value)
        return TaxId(scheme=TaxScheme.VKN, value=value)
    if found is None:
        reader.fault("bad_tax_number", row, name, value=value)
    elif taxnumbers.finding(found):
        reader.fault("tax_number_check", row, name, value=value)
    return found


def _kind(reader: Reader, tax_id: TaxId | None, company: str, name: str) -> PartyKind:
    if tax_id is not None and tax_id.scheme is not TaxScheme.FOREIGN:
        return PartyKind.COMPANY if tax_id.scheme is TaxScheme.VKN else PartyKind.PERSON
    word = fold.key(reader.order_text("buyer_kind"))
    if word in _CORPORATE or word in codes.YES:
        return PartyKind.COMPANY
    if word in _PRIVATE or (word and word in codes.NO):
        return PartyKind.PERSON
    return PartyKind.COMPANY if company or codes.looks_like_company(name) else PartyKind.PERSON


def _first(reader: Reader, *names: str) -> str:
    return next((found for name in names if (found := reader.order_text(name))), "")


def _postal(reader: Reader, *names: str) -> str:
    code = _first(reader, *names)
    # A spreadsheet drops the zero of Adana to Ağrı (01…04 to 09).
    return code.zfill(_POSTAL_DIGITS) if code.isdigit() and len(code) == _POSTAL_DIGITS - 1 else code


def _country(reader: Reader, *names: str) -> str:
    for name in names:
        row = reader.speaker(name)
        word = reader.text(row, name)
        if not word:
            continue
        if code := codes.COUNTRIES.get(fold.key(word)):
            return code
        if len(word) == 2 and word.isascii() and word.isalpha():
            return word.upper()
        reader.fault("unknown_country", row, name, value=word[:60])
        return "TR"
    return "TR"
