"""Recipients, the inbox and the independent listing, over real HTTP."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kopru.model import Profile, TaxId, TaxScheme
from kopru.sdk import (
    AuthError,
    Cancellation,
    ConfigError,
    CursorExpired,
    RateLimited,
    RefKind,
    Rejected,
    TransientError,
    Unsupported,
    Window,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import make_world
from kopru_nilvera import plugin
from kopru_nilvera.simulation.documents import Fate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=1))


def vkn(value: str) -> TaxId:
    return TaxId(scheme=TaxScheme.VKN if len(value) == 10 else TaxScheme.TCKN, value=value)


# Recipients


def test_the_world_decides_who_is_registered(simulator, make_ctx):
    world = make_world(0)
    simulator.load(world)
    ctx = make_ctx()
    companies = [buyer for buyer in world.buyers if buyer.company][:8]
    for buyer in (*companies, world.buyers[0]):
        recipient = plugin.lookup_recipient(ctx, vkn(buyer.tax_number))
        assert tuple(mailbox.alias for mailbox in recipient.mailboxes) == buyer.aliases
        assert recipient.registered == bool(buyer.aliases)
    assert {bool(buyer.aliases) for buyer in companies} == {True, False}


def test_a_taxpayer_who_left_is_not_registered(simulator, ctx, submission):
    buyer = submission().invoice.buyer.tax_id
    assert plugin.lookup_recipient(ctx, buyer).registered
    simulator.account.retire(buyer.value)
    assert not plugin.lookup_recipient(ctx, buyer).registered


@pytest.mark.parametrize(
    "tax_id",
    [vkn("11111111111"), vkn("2222222222"), TaxId(scheme=TaxScheme.FOREIGN, value="DE123/../x"),
     TaxId(scheme=TaxScheme.VKN, value="../Series"), TaxId(scheme=TaxScheme.VKN, value="١٢٣٤٥٦٧٨٩٠")],
)  # fmt: skip
def test_a_number_that_cannot_be_listed_costs_no_call(make_ctx, tax_id):
    recipient = plugin.lookup_recipient(make_ctx(test_url="http://127.0.0.1:9"), tax_id)
    assert not recipient.registered and recipient.tax_id == tax_id


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(FaultKind.STATUS, status=404), Rejected),
        (Fault(FaultKind.STATUS, status=401), AuthError),
        (Fault(FaultKind.STATUS, status=403), AuthError),
        (Fault(FaultKind.STATUS, status=429, seconds=3), RateLimited),
        (Fault(FaultKind.STATUS, status=500), TransientError),
        (Fault(FaultKind.MALFORMED), TransientError),
        (Fault(FaultKind.DROP_BEFORE), TransientError),
    ],
)
def test_a_failed_question_never_means_not_registered(simulator, ctx, fault, error):
    simulator.faults.add(fault)
    with pytest.raises(error) as caught:
        plugin.lookup_recipient(ctx, vkn("1234567890"))
    assert type(caught.value) is error


def test_a_wrong_address_never_means_not_registered(simulator, make_ctx):
    with pytest.raises(ConfigError):
        plugin.lookup_recipient(make_ctx(test_url=f"{simulator.url}/v2"), vkn("1234567890"))


# Inbox


def test_an_incoming_invoice_arrives_with_its_exact_xml(simulator, ctx):
    ettn = simulator.receive(profile="TICARIFATURA", payable=Decimal("99.90"))
    page = plugin.fetch_inbox(ctx, None, DAY, 10)
    (record,) = page.records
    assert (page.next_cursor, page.total) == (None, 1)
    invoice = record.value
    assert (str(invoice.id), invoice.payable, invoice.profile) == (ettn, Decimal("99.90"), "TICARIFATURA")
    assert invoice.state == "waitingForApproval"
    assert invoice.received_at == NOW
    (kept,) = simulator.account.shelves["incoming_invoice"].kept
    assert record.raw.content == kept.content


def test_times_without_a_zone_are_istanbul_times(simulator, ctx):
    simulator.account.writes_zones = False
    simulator.receive()
    assert plugin.fetch_inbox(ctx, None, DAY, 10).values[0].received_at == NOW


@pytest.mark.parametrize(
    "content",
    [b"", b"not xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice>&x;</Invoice>', b"<a/>",
     b"<Invoice>" + b"<b>" * 400 + b"</b>" * 400 + b"</Invoice>"],
)  # fmt: skip
def test_a_hostile_document_leaves_its_neighbours_alone(simulator, ctx, content):
    before, bad, after = simulator.receive(), simulator.receive(content=content), simulator.receive()
    records = plugin.fetch_inbox(ctx, None, DAY, 10).records
    assert [record.external_id for record in records] == [before, bad, after]
    assert [record.value is not None for record in records] == [True, False, True]
    assert records[1].findings and records[1].findings[0].blocks
    assert records[1].raw.content.strip(b'"').startswith(content[:5])


def test_a_document_that_is_not_handed_out_is_reported_and_the_rest_read(simulator, ctx):
    first, second = simulator.receive(), simulator.receive()
    simulator.faults.add(Fault(FaultKind.STATUS, path=f"{first}/xml$", status=404))
    records = plugin.fetch_inbox(ctx, None, DAY, 10).records
    assert [record.findings[0].code if record.findings else None for record in records] == [
        "nilvera.incoming.not_available", None,
    ]  # fmt: skip
    assert records[1].external_id == second


def test_a_passing_fault_makes_the_page_come_again(simulator, ctx):
    simulator.receive()
    simulator.faults.add(Fault(FaultKind.STATUS, path="/xml$", status=500))
    with pytest.raises(TransientError):
        plugin.fetch_inbox(ctx, None, DAY, 10)


def test_the_window_is_kept(simulator, ctx):
    simulator.account.clock = lambda: NOW - timedelta(hours=1)
    first = simulator.receive()
    simulator.account.clock = lambda: NOW + timedelta(hours=2)
    simulator.receive()
    assert [record.external_id for record in plugin.fetch_inbox(ctx, None, DAY, 10).records] == [first]


def test_reading_marks_nothing(simulator, ctx):
    simulator.receive()
    plugin.fetch_inbox(ctx, None, DAY, 10)
    assert list(simulator.truth) == []


def test_a_cursor_of_another_kind_starts_again(ctx):
    with pytest.raises(CursorExpired):
        plugin.fetch_inbox(ctx, "2", DAY, 10)


# The independent listing


def listed(ctx, window=DAY, limit=100):
    found, cursor = [], None
    while True:
        page = plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, cursor, window, limit)
        found += page.records
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_the_listing_names_every_document_with_number_total_and_state(simulator, ctx, key, submission):
    basic, archive = submission(1), submission(2, profile=Profile.ARCHIVE, net=Decimal("33.33"))
    waiting, failed = submission(3), submission(4)
    simulator.script(waiting.invoice.id, Fate(polls=99))
    simulator.script(failed.invoice.id, Fate(polls=0, gib_code=1150))
    refs = [plugin.submit_invoice(ctx, key, each).ref for each in (basic, archive, waiting, failed)]
    plugin.cancel_document(ctx, key, Cancellation(refs[1], "", archive=True))
    values = {record.value.external_id: record.value for record in listed(ctx)}
    assert set(values) == {ref.id for ref in refs}
    for each in (basic, archive, waiting, failed):
        value = values[str(each.invoice.id)]
        assert (value.number, value.total, value.currency) == (
            each.invoice.number,
            each.invoice.totals.payable,
            "TRY",
        )
        assert value.our_reference == str(each.invoice.id)
        assert value.at == NOW
    assert [values[ref.id].cancelled for ref in refs] == [False, True, False, False]


def test_a_document_issued_earlier_the_same_day_is_listed(ctx, key, submission):
    plugin.submit_invoice(ctx, key, submission())
    late = Window(NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    assert len(listed(ctx, late)) == 1
    tomorrow = Window(NOW + timedelta(days=1), NOW + timedelta(days=2))
    assert listed(ctx, tomorrow) == []


def test_incoming_documents_are_not_ours(simulator, ctx):
    simulator.receive()
    assert listed(ctx) == []


def test_read_lag_hides_documents_and_nothing_else(simulator, ctx, key, submission):
    simulator.read_lag = 3600
    plugin.submit_invoice(ctx, key, submission())
    assert listed(ctx) == []


def test_only_e_documents_are_listed(ctx):
    with pytest.raises(Unsupported):
        plugin.fetch_refs(ctx, RefKind.ORDER, None, DAY, 10)


@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.DROP_AFTER])
def test_a_garbled_page_is_read_again(simulator, ctx, key, submission, kind):
    plugin.submit_invoice(ctx, key, submission())
    simulator.faults.add(Fault(kind, path="/einvoice/Sale$"))
    with pytest.raises(TransientError):
        plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, None, DAY, 10)
    simulator.faults.clear()
    assert len(listed(ctx)) == 1
