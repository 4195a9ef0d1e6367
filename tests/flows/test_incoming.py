"""Suppliers' e-invoices come in through a channel: their lines are mapped once, and one bad document holds nobody
up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from pydantic import BaseModel, ConfigDict

from kopru.flows import incoming, settling
from kopru.flows.connections import add_connection, check_connection
from kopru.flows.env import Lease, Work
from kopru.flows.linerows import Chosen, LineSource
from kopru.flows.records import ItemRow
from kopru.hooks.manifest import Stream
from kopru.matching.api import Gate, State
from kopru.model import IncomingInvoice, Profile, Text
from kopru.registry import Registry
from kopru.registry.discovery import examine
from kopru.sdk import (
    CheckResult,
    Manifest,
    Operation,
    Page,
    PluginKind,
    Raw,
    Record,
    Repeat,
    Write,
    hookimpl,
)

LINE = """<InvoiceLine><ID>{n}</ID><InvoicedQuantity unitCode="{unit}">{quantity}</InvoicedQuantity>{taxes}
<Item><Name>{name}</Name><SellersItemIdentification><ID>{code}</ID></SellersItemIdentification></Item>
<Price><PriceAmount currencyID="TRY">{price}</PriceAmount></Price></InvoiceLine>"""
TAX = """<TaxSubtotal><Percent>{rate}</Percent><TaxCategory><TaxScheme><TaxTypeCode>{code}</TaxTypeCode>
</TaxScheme></TaxCategory></TaxSubtotal>"""


def line_xml(name, *, n=1, code="X-1", unit="C62", quantity="3", price="12.5", taxes=(("0015", "20"),)):
    inner = "".join(TAX.format(code=tax, rate=rate) for tax, rate in taxes)
    total = f"<TaxTotal>{inner}</TaxTotal>" if inner else ""
    return LINE.format(n=n, name=name, code=code, unit=unit, quantity=quantity, price=price, taxes=total)


def invoice_xml(*lines, number="ABC2026000000001", sender="1234567801"):
    return f"""<Invoice><ID>{number}</ID><DocumentCurrencyCode>TRY</DocumentCurrencyCode>
<AccountingSupplierParty><Party><PartyIdentification><ID schemeID="VKN">{sender}</ID></PartyIdentification>
<PartyName><Name>Örnek Toptan A.Ş.</Name></PartyName></Party></AccountingSupplierParty>{"".join(lines)}</Invoice>"""


def record(xml, number="ABC2026000000001"):
    value = IncomingInvoice(
        id=uuid5(NAMESPACE_URL, number),
        number=number,
        kind="SATIS",
        profile="TEMELFATURA",
        issue_date=date(2026, 3, 2),
        sender_tax_number="1234567801",
        sender_name="Örnek Toptan A.Ş.",
        currency="TRY",
        payable=Decimal("45.00"),
        received_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    )
    return Record(number, Raw(xml.encode(), "application/xml"), value)


class NoSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Channel:
    """A channel whose inbox holds what a test puts there."""

    manifest = Manifest(
        "mailbox",
        PluginKind.EINVOICE_CHANNEL,
        Text(tr="Posta", en="Mail"),
        "1",
        NoSettings,
        streams={"fetch_inbox": Stream(largest_page=2)},
        writes={Operation.SUBMIT_INVOICE: Write(Repeat.NATURAL_UNIQUE)},
        base_url=lambda config: "https://mailbox.example",
        profiles=(Profile.BASIC, Profile.ARCHIVE),
    )

    def __init__(self):
        self.inbox = []

    @hookimpl
    def check_connection(self, ctx):
        return CheckResult(())

    @hookimpl
    def submit_invoice(self, ctx, key, submission):
        raise NotImplementedError

    @hookimpl
    def locate(self, ctx, operation, key, hint):
        raise NotImplementedError

    @hookimpl
    def fetch_inbox(self, ctx, cursor, window, limit):
        start = int(cursor or 0)
        more = str(start + limit) if start + limit < len(self.inbox) else None
        return Page(tuple(self.inbox[start : start + limit]), more)


class Company:
    """A tenant with that channel and a small catalogue."""

    items = (
        ("T-1", "Granit Termos Çelik 150 ml"),
        ("T-2", "Granit Termos Çelik 250 ml"),
        ("SU", "Dağ Suyu 1 L"),
    )

    def __init__(self, engine):
        self.channel = Channel()
        registry = Registry([*engine.env.registry.report, examine("mailbox", "test", self.channel)])
        self.env = replace(engine.env, registry=registry)
        self.id = engine.store.add_tenant(f"i-{uuid4().hex[:12]}")
        engine.store.allow("mailbox")
        with engine.store.tenant(self.id) as uow:
            uow.settings.enable("mailbox")
            uow.items.upsert(
                ItemRow(uuid4(), code, name, "goods", "C62", Decimal(20)) for code, name in self.items
            )
        self.env.cache._held.clear()
        since = datetime.now(UTC) - timedelta(hours=1)
        self.connection = add_connection(self.work(), "mailbox", "mailbox", {}, since=since)
        assert check_connection(self.work(), self.connection.id).ok

    def work(self, **args):
        return Work(self.env, self.id, args, Lease(None), actor="test")

    def pull(self):
        incoming.pull(self.work(connection=str(self.connection.id)))

    def lines(self, **chosen):
        with self.work().read() as uow:
            return uow.lines.chosen(Chosen(**chosen))

    def actions(self, *subjects):
        with self.work().read() as uow:
            return [event.action for event in uow.events.of_subjects(list(subjects))]


@pytest.fixture
def company(engine):
    return Company(engine)


def test_lines_of_an_incoming_e_invoice_are_mapped_by_the_pull(company):
    company.channel.inbox = [record(invoice_xml(line_xml("GRANIT TERMOS CELIK 250ML", code="ORN-9")))]
    company.pull()
    (line,) = company.lines()
    assert (line.source, line.partner, line.partner_name) == (
        LineSource.INVOICE,
        "1234567801",
        "Örnek Toptan A.Ş.",
    )
    assert (line.state, line.item_code, line.alone) == (State.RESOLVED, "T-2", True)
    assert (line.seller_code, line.quantity, line.price, line.vat_rate) == ("ORN-9", 3, Decimal("12.5"), 20)


def test_a_document_listed_again_changes_nothing_that_was_decided(company):
    company.channel.inbox = [record(invoice_xml(line_xml("BILINMEYEN MAL")))]
    company.pull()
    (line,) = company.lines()
    with company.work().read() as uow:
        item = uow.items.by_code("SU")
    settling.confirm(company.work(), [line.id], settling.Choice(item))
    company.pull()
    (again,) = company.lines()
    assert (again.id, again.state, again.item_code) == (line.id, State.USER, "SU")
    company.channel.inbox.append(record(invoice_xml(line_xml("BILINMEYEN MAL"), number="ABC2"), "ABC2"))
    company.pull()
    assert {(each.state, each.item_code) for each in company.lines()} == {
        (State.USER, "SU"),
        (State.RESOLVED, "SU"),
    }


def test_one_unreadable_document_holds_no_other_back(company):
    good = invoice_xml(line_xml("DAG SUYU 1 L"), number="G-1")
    company.channel.inbox = [
        record("<Invoice><ID>B-1", "B-1"),
        record("<DespatchAdvice/>", "D-1"),
        record(good, "G-1"),
        record(
            invoice_xml(LINE.format(n=1, unit="", quantity="", name="", code="", price="", taxes="")), "E-1"
        ),
    ]
    company.pull()
    assert [(line.source_ref, line.item_code) for line in company.lines()] == [("1234567801:G-1", "SU")]
    assert company.actions("B-1") == company.actions("D-1") == ["inbox.unreadable"]
    assert company.actions("E-1") == ["inbox.line_skipped"]


def test_lines_stored_by_a_run_that_was_cut_short_are_looked_at_by_the_next(company):
    company.channel.inbox = [record(invoice_xml(line_xml("DAG SUYU 1 L")))]
    incoming.pull_inbox(company.work(), company.connection.id)
    assert [line.state for line in company.lines()] == [State.NOT_TRIED]
    company.pull()
    assert [line.state for line in company.lines()] == [State.RESOLVED]


@pytest.mark.parametrize(
    ("taxes", "rate"),
    [
        ((("0015", "10"),), 10),
        ((("0071", "25"), ("0015", "20")), 20),
        ((("0071", "25"),), None),
        ((("", "1"),), 1),
        ((), None),
    ],
)
def test_the_vat_rate_is_that_of_the_vat_not_of_another_tax(company, taxes, rate):
    company.channel.inbox = [record(invoice_xml(line_xml("DAG SUYU 1 L", taxes=taxes)))]
    company.pull()
    (line,) = company.lines()
    assert line.vat_rate == rate


def test_a_name_of_another_vat_rate_is_not_resolved_alone_and_says_so(company):
    company.channel.inbox = [record(invoice_xml(line_xml("DAG SUYU 1 L", taxes=(("0015", "1"),))))]
    company.pull()
    (line,) = company.lines()
    assert (line.state, line.item_code, line.reason.code) == (State.SUGGESTED, "", "lines.vat_differs")
    assert Gate.VAT in line.best.gates
    assert "VAT differs: line 1%, item 20%." in line.best.reasons.text.en
    with company.work().read() as uow:
        item = uow.items.by_code("SU")
    settling.confirm(company.work(), [line.id], settling.Choice(item))
    company.channel.inbox.append(
        record(invoice_xml(line_xml("DAG SUYU 1 L", taxes=(("0015", "1"),)), number="N-2"), "N-2")
    )
    company.pull()
    assert {each.state for each in company.lines()} == {State.USER, State.RESOLVED}, "a person said so"


@pytest.mark.parametrize(
    ("name", "unit", "state", "factor"),
    [
        ("DAG SUYU 1 L", "C62", State.RESOLVED, 1),
        ("DAG SUYU 1 L", "BX", State.RESOLVED, 1),
        ("DAG SUYU 1 L", "", State.RESOLVED, 1),
        ("DAG SUYU 1 L 1*12", "CT", State.RESOLVED, 12),
        ("DAG SUYU 1 L", "CT", State.SUGGESTED, 1),
        ("DAG SUYU 1 L", "DZN", State.SUGGESTED, 1),
        ("DAG SUYU 1 L", "KGM", State.SUGGESTED, 1),
    ],
)
def test_a_case_of_unknown_size_is_not_taken_for_a_piece(company, name, unit, state, factor):
    company.channel.inbox = [record(invoice_xml(line_xml(name, unit=unit)))]
    company.pull()
    (line,) = company.lines()
    assert (line.state, line.factor) == (state, factor)
    assert (line.reason.code == "lines.factor_open") == (state is State.SUGGESTED)


def test_how_many_a_case_holds_is_asked_once(company):
    company.channel.inbox = [record(invoice_xml(line_xml("DAG SUYU 1 L", unit="CT")))]
    company.pull()
    (line,) = company.lines()
    with company.work().read() as uow:
        item = uow.items.by_code("SU")
    settling.confirm(company.work(), [line.id], settling.Choice(item, factor=Decimal(12)))
    company.channel.inbox.append(
        record(invoice_xml(line_xml("DAG SUYU 1 L", unit="CT"), number="N-2"), "N-2")
    )
    company.pull()
    assert {(each.state, each.factor) for each in company.lines()} == {(State.USER, 12), (State.RESOLVED, 12)}
