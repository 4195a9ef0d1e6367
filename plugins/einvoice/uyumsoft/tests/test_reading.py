"""The register, the inbox, the outbox, and the company's own mailboxes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopru.model import Profile, TaxId, TaxScheme
from kopru.sdk import CursorExpired, RefKind, Rejected, TransientError, Unsupported, Window
from kopru.testing.faults import Fault, FaultKind
from kopru.toolkit import paging
from kopru_uyumsoft import lists, mapping, plugin
from kopru_uyumsoft.simulation.documents import Fate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BUYER = "9922222220"
WINDOW = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=1))


def vkn(value):
    return TaxId(scheme=TaxScheme.VKN, value=value)


def buyer_of(simulator):
    return next(iter(simulator.account.register))


def test_a_registered_buyer_has_its_mailboxes(simulator, ctx):
    number = buyer_of(simulator)
    simulator.account.enrol(number, "x", "urn:mail:ikinci@alici.example.com")
    simulator.account.enrol(number, "x", "urn:mail:kapali@alici.example.com")
    simulator.account.register[number][-1].enabled = False
    found = plugin.lookup_recipient(ctx, vkn(number))
    assert [box.alias for box in found.mailboxes] == [
        "urn:mail:defaultpk@alici.example.com",
        "urn:mail:ikinci@alici.example.com",
    ]
    assert found.title == "Deneme Yapı Ltd. Şti."


def test_somebody_unknown_costs_one_question_and_nothing_is_asked_about_placeholders(simulator, ctx):
    assert not plugin.lookup_recipient(ctx, vkn("9933333333")).registered
    asked = [request.path for request in simulator.served if request.method == "POST"]
    assert [path.rpartition("/")[2] for path in asked] == ["IsEInvoiceUser"]
    simulator.served.clear()
    assert not plugin.lookup_recipient(ctx, TaxId(scheme=TaxScheme.TCKN, value="11111111111")).registered
    assert not plugin.lookup_recipient(ctx, TaxId(scheme=TaxScheme.FOREIGN, value="123")).registered
    assert not simulator.served


def test_a_registered_buyer_without_mailboxes_is_never_taken_for_unregistered(simulator, ctx):
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetUserAliassesResponse '
        'xmlns="http://tempuri.org/"><GetUserAliassesResult IsSucceded="true"/>'
        "</GetUserAliassesResponse></s:Body></s:Envelope>"
    )
    simulator.faults.add(Fault(FaultKind.REPLACED, "POST", "GetUserAliasses$", body=body))
    with pytest.raises(TransientError):
        plugin.lookup_recipient(ctx, vkn(buyer_of(simulator)))


def test_own_sender_mailboxes_are_definitions(simulator, ctx):
    simulator.account.sender_aliases.append("urn:mail:ikincigb@ornek.example.com")
    found = plugin.fetch_definitions(ctx)
    assert [(each.kind, each.code) for each in found] == [
        ("alias", alias) for alias in simulator.account.sender_aliases
    ]


def test_the_inbox_is_read_whole_oldest_first(simulator, ctx):
    moments = [NOW - timedelta(minutes=n) for n in (50, 40, 30, 20, 10)]
    ettns = []
    for moment in moments:
        simulator.account.clock = lambda moment=moment: moment
        ettns.append(simulator.receive(number=f"GLN2026{len(ettns) + 1:09d}"))
    simulator.account.clock = lambda: NOW
    cursor, found = None, []
    while True:
        page = plugin.fetch_inbox(ctx, cursor, WINDOW, 2)
        found += page.records
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [record.external_id for record in found] == ettns
    assert [record.value.received_at for record in found] == moments
    first = found[0].value
    assert (first.number, first.sender_name, str(first.payable)) == (
        "GLN2026000000001",
        "Deneme Tedarik Ltd. Şti.",
        "120.00",
    )
    assert found[0].raw.media_type == "application/xml"


def test_what_lies_outside_the_window_is_not_downloaded(simulator, ctx):
    simulator.account.clock = lambda: NOW - timedelta(hours=3)
    simulator.receive()
    simulator.account.clock = lambda: NOW
    inside = simulator.receive()
    page = plugin.fetch_inbox(ctx, None, WINDOW, 10)
    assert [record.external_id for record in page.records] == [inside]
    downloads = [request for request in simulator.served if request.path.endswith("GetInboxInvoiceData")]
    assert len(downloads) == 1


def test_by_date_of_issue_nothing_that_is_listed_is_left_out(simulator, make_ctx):
    simulator.account.clock = lambda: NOW - timedelta(hours=3)
    simulator.receive()
    simulator.account.clock = lambda: NOW
    page = plugin.fetch_inbox(make_ctx(inbox_date_filter="Execution"), None, WINDOW, 10)
    assert len(page.records) == 1


def test_bad_documents_do_not_hold_up_their_neighbours(simulator, ctx):
    simulator.receive(content=b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>")
    simulator.receive(content=b"not xml")
    good = simulator.receive()
    other = simulator.account.inbox.kept[2].content.replace(good.encode(), str(uuid4()).encode())
    simulator.receive(content=other)
    records = plugin.fetch_inbox(ctx, None, WINDOW, 10).records
    assert [record.value is not None for record in records] == [False, False, True, False]
    codes = [record.findings[0].code for record in records if record.findings]
    assert codes == ["xml.doctype", "uyumsoft.incoming.not_available", "uyumsoft.incoming.other_document"]


def test_a_refused_download_is_a_finding(simulator, ctx):
    simulator.receive()
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetInboxInvoiceDataResponse '
        'xmlns="http://tempuri.org/"><GetInboxInvoiceDataResult IsSucceded="false" Message="yok"/>'
        "</GetInboxInvoiceDataResponse></s:Body></s:Envelope>"
    )
    simulator.faults.add(Fault(FaultKind.REPLACED, "POST", "GetInboxInvoiceData$", body=body))
    (record,) = plugin.fetch_inbox(ctx, None, WINDOW, 10).records
    assert (record.value, record.findings[0].code) == (None, "uyumsoft.incoming.not_available")


def test_the_outbox_lists_both_kinds_with_their_cancellations(simulator, ctx, send):
    plain, archive = send(1), send(2, profile=Profile.ARCHIVE)
    simulator.account.cancel(str(archive.invoice.id))
    records = plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, None, WINDOW, 10).records
    found = {record.value.external_id: record.value for record in records}
    assert set(found) == {str(plain.invoice.id), str(archive.invoice.id)}
    assert found[str(archive.invoice.id)].cancelled
    first = found[str(plain.invoice.id)]
    assert (first.number, str(first.total), first.currency) == (plain.invoice.number, "120.00", "TRY")
    assert first.at == datetime(2026, 3, 1, 21, tzinfo=UTC)
    assert not first.cancelled


def test_only_documents_are_listed(ctx):
    with pytest.raises(Unsupported):
        plugin.fetch_refs(ctx, RefKind.ORDER, None, WINDOW, 10)


@pytest.mark.parametrize(
    "cursor", ["", "x", paging.encode_cursor({"page": -1, "size": 2}), paging.encode_cursor({})]
)
def test_a_foreign_cursor_has_expired(ctx, cursor):
    with pytest.raises(CursorExpired):
        plugin.fetch_inbox(ctx, cursor, WINDOW, 10)


def test_a_single_row_without_a_list_is_a_row():
    assert mapping.to_listing({"Items": {"InvoiceId": "x"}, "TotalPages": 1}).rows == ({"InvoiceId": "x"},)
    assert mapping.to_listing({"Items": None}).rows == ()
    with pytest.raises(TransientError):
        mapping.to_listing(None)


@given(total=st.integers(0, 60), size=st.integers(1, 20), cap=st.integers(1, 20))
@settings(max_examples=150)
def test_pages_lose_and_repeat_nothing_even_when_uyumsoft_cuts_them(total, size, cap):
    used, place, seen, steps = min(size, cap), lists.Place(0, size), [], 0
    while True:
        rows = list(range(total))[place.page * used : (place.page + 1) * used]
        seen += rows
        steps += 1
        listing = mapping.to_listing({"Items": [{"n": n} for n in rows], "TotalPages": -(-total // used)})
        cursor = place.after(listing)
        if cursor is None:
            break
        place = lists.Place.of(cursor, 999)
        assert (place.size, steps <= total + 1) == (size, True)
    assert seen == list(range(total))


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.datetimes()
    | st.decimals()
    | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["InvoiceId", "Status", "StatusCode", "PayableAmount", "ExecutionDate", "Items"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(_VALUES)
@settings(max_examples=200)
def test_rows_of_any_shape_become_records_or_are_told(value):
    record = mapping.to_ref(value)
    assert record.value is not None or record.findings
    for read in (
        mapping.to_listing,
        mapping.tax_number_of,
        mapping.by_ettn,
        mapping.status_of,
        mapping.is_cancelled,
    ):
        try:
            read(value)
        except TransientError as error:
            assert read is mapping.to_listing
            assert error.code == "uyumsoft.answer.malformed"


def test_the_state_number_counts_when_the_name_is_unknown():
    assert mapping.status_of({"Status": "Onaylandı", "StatusCode": 1000}) == "Approved"
    assert mapping.status_of({"Status": "Yeni", "StatusCode": 7}) == "Yeni"
    assert mapping.status_of({"Status": "Draft", "StatusCode": 2000}) == "Draft"


def test_a_draft_in_the_portal_is_listed(simulator, ctx, send):
    simulator.script(send().invoice.id, Fate(status="Draft"))
    (record,) = plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, None, WINDOW, 10).records
    assert not record.value.cancelled


def test_a_refused_list_is_no_empty_list(simulator, ctx):
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetOutboxInvoiceListResponse '
        'xmlns="http://tempuri.org/"><GetOutboxInvoiceListResult IsSucceded="false" Message="olmaz"/>'
        "</GetOutboxInvoiceListResponse></s:Body></s:Envelope>"
    )
    simulator.faults.add(Fault(FaultKind.REPLACED, "POST", "GetOutboxInvoiceList$", body=body))
    with pytest.raises(Rejected, match="olmaz"):
        plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, None, WINDOW, 10)
