"""Made-up invoices for all tests of this plugin. Every name, number and address is invented."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kopru.model import (
    Address,
    DocumentRef,
    InternetSale,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    LineKind,
    Party,
    PartyKind,
    PaymentMethod,
    Profile,
    Tax,
    TaxId,
    TaxScheme,
)
from kopru.model.money import unit_price, without_vat
from kopru.toolkit.taxnumbers import tckn_check_digits, vkn_check_digit
from kopru_ubltr.config import UblTrConfig

ISSUED = date(2025, 3, 3)
TODAY = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)


def _vkn(first_nine: str) -> str:
    return f"{first_nine}{vkn_check_digit(first_nine)}"


def _tckn(first_nine: str) -> str:
    return first_nine + tckn_check_digits(first_nine)


SELLER = Party(
    kind=PartyKind.COMPANY,
    name="Örnek Ticaret A.Ş.",
    tax_id=TaxId(scheme=TaxScheme.VKN, value=_vkn("990000000")),
    tax_office="Beyoğlu",
    email="fatura@ornek.example",
    phone="02120000000",
    website="https://www.ornek.example",
    address=Address(
        neighbourhood="Deneme Mah.",
        street="Sınama Sok. No:1",
        district="Beyoğlu",
        city="İstanbul",
        postal_code="34430",
    ),
    registrations=(("MERSISNO", "0990000000000015"), ("TICARETSICILNO", "000001-5")),
)
COMPANY = Party(
    kind=PartyKind.COMPANY,
    name="Kurmaca Kırtasiye Ltd. Şti.",
    tax_id=TaxId(scheme=TaxScheme.VKN, value=_vkn("991234567")),
    tax_office="Çankaya",
    email="muhasebe@kurmaca.example",
    address=Address(street="Hayali Cad. No:7", district="Çankaya", city="Ankara", postal_code="06420"),
)
PERSON = Party(
    kind=PartyKind.PERSON,
    first_name="Işıl",
    last_name="Örnekoğlu",
    tax_id=TaxId(scheme=TaxScheme.TCKN, value=_tckn("912345678")),
    email="isil@posta.example",
    address=Address(street="Uydurma Sok. No:3", district="Karşıyaka", city="İzmir", postal_code="35530"),
)
FOREIGNER = Party(
    kind=PartyKind.PERSON,
    first_name="Ana",
    last_name="Primer",
    tax_id=TaxId(scheme=TaxScheme.FOREIGN, value="X1234567"),
    address=Address(street="Calle Ejemplo 1", city="Madrid", country="ES"),
)
INTERNET = InternetSale(
    website="https://www.pazar.example",
    payment_method=PaymentMethod.PLATFORM,
    payment_agent="Deneme Pazaryeri A.Ş.",
    payment_date=date(2025, 3, 1),
    carrier_name="Örnek Kargo A.Ş.",
    carrier_tax_id=_vkn("997654321"),
    shipped_on=date(2025, 3, 3),
)


def make_line(
    id: str = "1",
    *,
    price: str = "120.00",
    rate: str = "20",
    quantity: str = "1",
    discount: str = "0",
    name: str = "Çizgili Defter A5",
    kind: LineKind = LineKind.GOODS,
    **more: Any,
) -> InvoiceLine:
    """Return a line sold with VAT inside the price, the way shops sell: the VAT is what is left of the gross.

    ``price`` and ``discount`` contain VAT and count for the whole quantity.
    """
    percent = Decimal(rate)
    gross = without_vat(Decimal(price), percent)
    paid = Decimal(price) - Decimal(discount)
    net = without_vat(paid, percent)
    count = Decimal(quantity)
    fields: dict[str, Any] = {
        "item_code": f"STK-{id}",
        "taxes": (Tax(rate=percent, base=net, amount=paid - net),),
        **more,
    }
    return InvoiceLine(
        id=id,
        kind=kind,
        name=name,
        quantity=count,
        unit_price=unit_price(gross, count),
        gross=gross,
        allowance=gross - net,
        **fields,
    )


def make_invoice(**changes: Any) -> Invoice:
    """Return a plain e-Fatura sale with the given fields changed."""
    profile = changes.get("profile", Profile.BASIC)
    fields: dict[str, Any] = {
        "id": UUID("6f1d3a10-0000-4000-8000-000000000001"),
        "number": "ABC2025000000001",
        "profile": profile,
        "issue_date": ISSUED,
        "issue_time": time(12, 30, 5),
        "seller": SELLER,
        "buyer": PERSON if profile is Profile.ARCHIVE else COMPANY,
        "buyer_alias": "" if profile is Profile.ARCHIVE else "urn:mail:defaultpk@kurmaca.example",
        "lines": (make_line(),),
    }
    return Invoice(**{**fields, **changes})


@dataclass(frozen=True)
class Make:
    """The builders and their pieces, for tests."""

    invoice: Callable[..., Invoice]
    line: Callable[..., InvoiceLine]
    seller: Party = SELLER
    company: Party = COMPANY
    person: Party = PERSON
    foreigner: Party = FOREIGNER
    internet: InternetSale = INTERNET
    today: datetime = TODAY


def _cases() -> dict[str, tuple[UblTrConfig, Invoice]]:
    shipping = make_line("9", price="59.99", name="Kargo bedeli", kind=LineKind.SHIPPING, item_code="KARGO")
    mixed = (
        make_line("1", price="249.90", discount="24.99", rate="10", quantity="2", barcode="8699000000017"),
        make_line("2", price="379.99", rate="1", name="Zeytinyağı 1 lt", quantity="1.5", unit="LTR"),
        make_line("3", price="1299.00", discount="100.01", name="Kulaklık", note="Seri no: 0001"),
    )
    order = DocumentRef(number="10900000001", date=date(2025, 3, 1))
    sold = DocumentRef(number="ABC2025000000007", date=date(2025, 2, 20))
    archive: Mapping[str, Any] = {"profile": Profile.ARCHIVE, "number": "ARS2025000000001"}
    internet = {**archive, "internet_sale": INTERNET, "order_ref": order, "tracking_number": "7330000000001"}
    free = Tax(
        rate=Decimal(0), base=Decimal(0), amount=Decimal(0), exemption_code="351", exemption_reason="Diğer"
    )
    cola = (
        Tax(code="0077", name="ÖTV", rate=Decimal(35), base=Decimal("100.00"), amount=Decimal("35.00")),
        Tax(rate=Decimal(20), base=Decimal("135.00"), amount=Decimal("27.00")),
    )
    plain = UblTrConfig()
    return {
        "basic-sale": (
            UblTrConfig(
                iban="TR000000000000000000000000", extra_notes=("Bizi seçtiğiniz için teşekkürler.",)
            ),
            make_invoice(
                lines=mixed,
                payment_due=date(2025, 4, 2),
                despatch_refs=(DocumentRef(number="IRS2025000000003", date=date(2025, 3, 2)),),
                notes=("Sipariş notu: kapıya bırakın.",),
            ),
        ),
        "basic-sale-free-sample": (
            plain,
            make_invoice(lines=(make_line(), make_line("2", price="50", discount="50", taxes=(free,)))),
        ),
        "basic-sale-special-tax": (plain, make_invoice(lines=(make_line(price="120", taxes=cola),))),
        "basic-sale-buyer-items": (
            plain,
            make_invoice(
                lines=(
                    make_line(buyer_code="700123", buyer_name="DEFTER CZG A5 60YP", barcode="8699000000017"),
                    make_line("2", name="Kurşun kalem", buyer_code="700124"),
                )
            ),
        ),
        "basic-return": (
            plain,
            make_invoice(
                kind=InvoiceKind.RETURN, billing_refs=(sold,), lines=(make_line(rate="18", price="59"),)
            ),
        ),
        "commercial-sale": (
            UblTrConfig(despatch_note=True, amount_in_words="spaced"),
            make_invoice(profile=Profile.COMMERCIAL, lines=(*mixed, shipping), order_ref=order),
        ),
        "commercial-sale-usd": (
            plain,
            make_invoice(
                profile=Profile.COMMERCIAL,
                currency="USD",
                exchange_rate=Decimal("36.5214"),
                lines=(make_line(price="1440.00", name="Yazılım lisansı", kind=LineKind.SERVICE),),
            ),
        ),
        "archive-sale-consumer": (
            UblTrConfig(archive_delivery="paper"),
            make_invoice(
                **archive, buyer=PERSON.model_copy(update={"tax_id": None}), rounding=Decimal("-0.01")
            ),
        ),
        "archive-sale-foreign": (
            plain,
            make_invoice(**archive, buyer=FOREIGNER, currency="EUR", exchange_rate=Decimal("38.1")),
        ),
        "archive-internet-nilvera": (plain, make_invoice(**internet, lines=(*mixed, shipping))),
        "archive-internet-izibiz": (UblTrConfig(internet_dialect="izibiz"), make_invoice(**internet)),
        "archive-internet-general": (
            UblTrConfig(internet_dialect="general", karekod=True),
            make_invoice(**internet, lines=mixed, delivery_address=COMPANY.address),
        ),
        "archive-return": (plain, make_invoice(**archive, kind=InvoiceKind.RETURN, billing_refs=(sold,))),
    }


CASES = _cases()


@pytest.fixture(scope="session")
def make() -> Make:
    """Return the builders of made-up invoices."""
    return Make(make_invoice, make_line)


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> tuple[str, UblTrConfig, Invoice]:
    """Run the test once per supported combination: its name, settings and invoice."""
    return (request.param, *CASES[request.param])
