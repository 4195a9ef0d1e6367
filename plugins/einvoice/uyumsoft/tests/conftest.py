"""A simulated Uyumsoft, contexts that talk to it, and made-up invoices for all tests of this plugin."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from kopru.model import (
    ExternalRef,
    Invoice,
    InvoiceLine,
    Party,
    PartyKind,
    Profile,
    Rendered,
    Tax,
    TaxId,
    TaxScheme,
)
from kopru.sdk import Ctx, IdempotencyKey, Submission
from kopru.testing.context import test_ctx as make_test_ctx
from kopru.toolkit.taxnumbers import tckn_check_digits, vkn_check_digit
from kopru.transport.http import Limits
from kopru_uyumsoft import plugin
from kopru_uyumsoft.config import UyumsoftConfig
from kopru_uyumsoft.simulator import UyumsoftSimulator

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BUYER = "992222222" + str(vkn_check_digit("992222222"))
CONSUMER = "900000001" + tckn_check_digits("900000001")
ALIAS = "urn:mail:defaultpk@alici.example.com"
SELLER = "990000000" + str(vkn_check_digit("990000000"))

CODES = {Profile.BASIC: "TEMELFATURA", Profile.COMMERCIAL: "TICARIFATURA", Profile.PUBLIC: "KAMU"}
OASIS = "urn:oasis:names:specification:ubl:schema:xsd"


@pytest.fixture
def simulator() -> Iterator[UyumsoftSimulator]:
    """A running account that knows one registered buyer."""
    with UyumsoftSimulator() as running:
        running.account.clock = lambda: NOW
        running.account.enrol(BUYER, "Deneme Yapı Ltd. Şti.", ALIAS)
        yield running
        assert not running.bugs, running.bugs[0]


@pytest.fixture
def make_ctx(simulator: UyumsoftSimulator) -> Callable[..., Ctx[UyumsoftConfig]]:
    """Return a maker of contexts; keywords override settings, ``dry_run`` goes to the context."""

    def make(*, dry_run: bool = False, **settings: Any) -> Ctx[UyumsoftConfig]:
        config = {**simulator.config(), **settings}
        ctx = make_test_ctx(plugin, config, now=lambda: NOW, dry_run=dry_run)
        # The engine's retries stay; only their pauses are cut short.
        return replace(ctx, http=replace(ctx.http, limits=Limits(backoff=0.01)))

    return make


@pytest.fixture
def ctx(make_ctx: Callable[..., Ctx[UyumsoftConfig]]) -> Ctx[UyumsoftConfig]:
    """A context with the simulator's own settings."""
    return make_ctx()


@pytest.fixture
def key() -> IdempotencyKey:
    """The key of some effect; Uyumsoft never sees it."""
    return IdempotencyKey("t1/submit/42", uuid.uuid5(uuid.NAMESPACE_URL, "t1/submit/42"))


@pytest.fixture
def submission() -> Callable[..., Submission]:
    """Return a maker of submissions."""
    return _submission


@pytest.fixture
def ref_of() -> Callable[[Submission], ExternalRef]:
    """Return how a submitted document is referred to."""

    def ref(submission: Submission) -> ExternalRef:
        kind = "e_archive" if submission.invoice.profile is Profile.ARCHIVE else "e_invoice"
        return ExternalRef(kind=kind, id=str(submission.invoice.id))

    return ref


@pytest.fixture
def send(ctx: Ctx[UyumsoftConfig], key: IdempotencyKey) -> Callable[..., Submission]:
    """Return what sends a further document and returns it."""

    def sent(n: int = 1, **options: Any) -> Submission:
        made = _submission(n, **options)
        plugin.submit_invoice(ctx, key, made)
        return made

    return sent


def _submission(
    n: int = 1,
    *,
    profile: Profile = Profile.BASIC,
    number: str = "",
    alias: str | None = None,
    buyer: str = "",
    seller: str = SELLER,
    net: Decimal = Decimal("100.00"),
    update: Mapping[str, Any] | None = None,
) -> Submission:
    """Make an invoice and its UBL; ``update`` replaces fields of the invoice."""
    archive = profile is Profile.ARCHIVE
    buyer = buyer or (CONSUMER if archive else BUYER)
    tax = (net * Decimal("0.20")).quantize(Decimal("0.01"))
    invoice = Invoice(
        id=uuid.uuid5(uuid.NAMESPACE_URL, f"invoice:{n}"),
        number=number or f"{'EAR' if archive else 'EFA'}2026{n:09d}",
        profile=profile,
        issue_date=date(2026, 3, 2),
        issue_time=time(12, 0),
        seller=Party(kind=PartyKind.COMPANY, name="Örnek", tax_id=_tax_id(seller)),
        buyer=Party(kind=PartyKind.COMPANY, name="Deneme", tax_id=_tax_id(buyer)),
        buyer_alias=alias if alias is not None else ("" if archive else ALIAS),
        lines=(
            InvoiceLine(
                id="1",
                item_code="STK-1",
                name="Kalem",
                quantity=Decimal(1),
                unit_price=net,
                gross=net,
                taxes=(Tax(rate=Decimal(20), base=net, amount=tax),),
            ),
        ),
    ).model_copy(update=dict(update or {}))
    content = _ubl(invoice, seller, buyer).encode()
    return Submission(invoice, Rendered(content=content, filename=f"{invoice.number}.xml"))


def _tax_id(value: str) -> TaxId:
    return TaxId(scheme=TaxScheme.VKN if len(value) == 10 else TaxScheme.TCKN, value=value)


def _ubl(invoice: Invoice, seller: str, buyer: str) -> str:
    profile = CODES.get(invoice.profile, "EARSIVFATURA")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{OASIS}:Invoice-2" xmlns:cac="{OASIS}:CommonAggregateComponents-2"
 xmlns:cbc="{OASIS}:CommonBasicComponents-2">
<cbc:ProfileID>{profile}</cbc:ProfileID><cbc:ID>{invoice.number}</cbc:ID><cbc:UUID>{invoice.id}</cbc:UUID>
<cbc:IssueDate>{invoice.issue_date}</cbc:IssueDate><cbc:InvoiceTypeCode>SATIS</cbc:InvoiceTypeCode>
<cbc:Note>Açıklama &amp; "not" &lt;1&gt;</cbc:Note>
<cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode>
{_party("Supplier", seller)}
{_party("Customer", buyer)}
<cac:LegalMonetaryTotal>
<cbc:PayableAmount currencyID="TRY">{invoice.totals.payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>"""


def _party(role: str, tax_number: str) -> str:
    scheme = "VKN" if len(tax_number) == 10 else "TCKN"
    return (
        f"<cac:Accounting{role}Party><cac:Party><cac:PartyIdentification>"
        f'<cbc:ID schemeID="{scheme}">{tax_number}</cbc:ID>'
        f"</cac:PartyIdentification></cac:Party></cac:Accounting{role}Party>"
    )
