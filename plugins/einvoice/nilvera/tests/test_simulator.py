"""The simulator is strict where Nilvera is, and tells the truth before it answers."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from kopru.model import Profile
from kopru.sdk import (
    AuthError,
    Cancellation,
    Operation,
    OutcomeUnknown,
    Quota,
    RateLimited,
    RefKind,
    Rejected,
    Window,
)
from kopru.testing.context import test_ctx as make_test_ctx
from kopru.testing.faults import Fault, FaultKind
from kopru_nilvera import plugin
from kopru_nilvera.codes import Side
from kopru_nilvera.simulation.documents import file_in
from kopru_nilvera.simulator import NilveraSimulator
from kopru_nilvera.simulator import simulator as exported

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def call(ctx, simulator, method, path, key=None, **more):
    headers = {"authorization": f"Bearer {key or simulator.api_key}"}
    return ctx.http.request(method, path, headers=headers, **more)


def test_the_entry_point_names_the_class():
    assert exported is NilveraSimulator


@pytest.mark.parametrize(
    "path", ["/general/Company", "/einvoice/Sale", "/earchive/Invoices", "/einvoice/Series"]
)
def test_nothing_is_told_without_the_key(simulator, ctx, path):
    with pytest.raises(AuthError):
        call(ctx, simulator, "GET", path, key="wrong")


def test_an_unknown_address_has_nilveras_own_number(simulator, ctx):
    answer = call(ctx, simulator, "GET", "/einvoice/Nothing", accept=(404,))
    assert json.loads(answer.content)["Errors"][0]["Code"] == 3030


def test_a_request_without_a_file_is_invalid(simulator, ctx):
    answer = call(ctx, simulator, "POST", "/einvoice/Send/Xml", json={}, accept=(400,))
    assert json.loads(answer.content)["Errors"][0]["Code"] == 400


@pytest.mark.parametrize("params", [{"Page": "x"}, {"StartDate": "yesterday"}, {"PageSize": "-1"}])
def test_a_list_query_that_makes_no_sense_is_invalid(simulator, ctx, params):
    with pytest.raises(Rejected):
        call(ctx, simulator, "GET", "/einvoice/Sale", params=params)


def test_the_truth_is_noted_before_the_answer(simulator, ctx, key, submission):
    simulator.faults.add(Fault(FaultKind.DROP_AFTER, path="/Send/Xml$"))
    sent = submission()
    with pytest.raises(OutcomeUnknown):
        plugin.submit_invoice(ctx, key, sent)
    (fact,) = simulator.truth.of("invoice.submitted")
    assert (fact.data["ettn"], fact.data["number"]) == (str(sent.invoice.id), sent.invoice.number)
    assert fact.data["total"] == str(sent.invoice.totals.payable)


def test_quotas_are_enforced_when_given():
    with NilveraSimulator(quotas=[Quota("all", 2, timedelta(minutes=1))]) as simulator:
        ctx = make_test_ctx(plugin, simulator.config())
        for _ in range(2):
            call(ctx, simulator, "GET", "/general/Company")
        with pytest.raises(RateLimited) as caught:
            call(ctx, simulator, "GET", "/general/Company")
        assert caught.value.retry_after == 1


def test_a_cancellation_can_be_taken_back(simulator, ctx, key, submission):
    ref = plugin.submit_invoice(ctx, key, submission(profile=Profile.ARCHIVE)).ref
    plugin.cancel_document(ctx, key, Cancellation(ref, ""))
    call(ctx, simulator, "PUT", f"/earchive/Invoices/{ref.id}/RevertCancel")
    assert simulator.held(Operation.CANCEL_DOCUMENT) == []


def test_lists_can_be_searched_and_turned_round(simulator, ctx):
    ettns = [simulator.receive() for _ in range(3)]
    every = json.loads(call(ctx, simulator, "GET", "/einvoice/Purchase", params={"SortType": "DESC"}).content)
    assert [row["UUID"] for row in every["Content"]] == ettns[::-1]
    one = json.loads(call(ctx, simulator, "GET", "/einvoice/Purchase", params={"Search": ettns[1]}).content)
    assert [row["UUID"] for row in one["Content"]] == [ettns[1]]
    again = json.loads(call(ctx, simulator, "GET", "/einvoice/Purchase").content)
    assert [row["UUID"] for row in again["Content"]] == ettns


def test_other_operations_leave_nothing(simulator):
    assert simulator.held(Operation.POST_INVOICE) == []


@pytest.mark.parametrize(
    ("content_type", "body", "found"),
    [
        ('multipart/form-data; boundary=b', b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n<a/>\r\n--b--\r\n', b"<a/>"),
        ('multipart/form-data; boundary="b"', b'--b\r\nX: y; name="file"\r\n\r\n\r\n\r\n--b--', b"\r\n"),
        ("multipart/form-data; boundary=b", b'--b\r\nX: y; name="other"\r\n\r\n<a/>\r\n--b--', None),
        ("application/json", b"{}", None),
        ("multipart/form-data", b"", None),
    ],
)  # fmt: skip
def test_the_uploaded_file_is_found(content_type, body, found):
    assert file_in(content_type, body) == found


def test_a_long_list_is_read_to_its_end(simulator, ctx):
    ettns = [simulator.receive() for _ in range(2_000)]
    simulator.account.shelves[Side.E_INVOICE] = simulator.account.shelves[Side.INCOMING]
    window, cursor, found = Window(NOW, NOW), None, []
    while True:
        page = plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, cursor, window, 100)
        found += [record.external_id for record in page.records]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == ettns
