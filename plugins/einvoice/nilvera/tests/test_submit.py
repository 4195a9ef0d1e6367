"""Sending, its refusals, and finding out what happened when the answer was lost."""

import json
import time
from datetime import date
from decimal import Decimal

import pytest

from kopru.model import ExternalRef, Profile
from kopru.sdk import (
    Absent,
    AuthError,
    CannotTell,
    ConfigError,
    Conflict,
    Found,
    Operation,
    OutcomeUnknown,
    RateLimited,
    ReceiptState,
    Rejected,
    TransientError,
    Unsupported,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.transport.errors import PlannedRequest
from kopru_nilvera import plugin
from kopru_nilvera.codes import Side
from kopru_nilvera.simulation.account import Series
from kopru_nilvera.simulation.documents import Fate

SEND = "/Send/Xml$"
SUBMIT = Operation.SUBMIT_INVOICE


def submit(ctx, key, submission):
    return plugin.submit_invoice(ctx, key, submission)


@pytest.mark.parametrize(
    ("profile", "kind"),
    [
        (Profile.BASIC, "e_invoice"),
        (Profile.COMMERCIAL, "e_invoice"),
        (Profile.ARCHIVE, "e_archive"),
    ],
)
def test_a_document_goes_to_the_side_of_its_profile(simulator, ctx, key, submission, profile, kind):
    sent = submission(7, profile=profile)
    receipt = submit(ctx, key, sent)
    assert receipt.state is ReceiptState.ACCEPTED
    assert receipt.ref == ExternalRef(kind=kind, id=str(sent.invoice.id))
    assert receipt.number == receipt.echo.number == sent.invoice.number
    (held,) = simulator.held(SUBMIT)
    assert (held.reference, held.number, held.total) == (
        str(sent.invoice.id),
        sent.invoice.number,
        Decimal("120.00"),
    )
    (fact,) = simulator.truth.of("invoice.submitted")
    assert fact.data["side"] == kind and fact.data["total"] == "120.00"


def test_the_bytes_arrive_unchanged_with_alias_and_template(simulator, make_ctx, key, submission):
    template = simulator.account.templates[Side.E_INVOICE][0]
    sent = submission()
    submit(make_ctx(template_e_invoice=template), key, sent)
    (document,) = simulator.account.shelves[Side.E_INVOICE].kept
    assert document.content == sent.document.content
    assert document.alias == sent.invoice.buyer_alias


def test_an_unknown_template_is_a_matter_of_settings(make_ctx, key, submission):
    with pytest.raises(ConfigError) as caught:
        submit(
            make_ctx(template_e_archive="9f2504e0-4f89-41d3-9a0c-0305e82c3301"),
            key,
            submission(profile=Profile.ARCHIVE),
        )
    assert caught.value.code == "nilvera.template_unknown"


def test_a_public_body_takes_the_public_scenario_only(simulator, ctx, key, submission):
    basic, public = submission(1), submission(2, profile=Profile.PUBLIC)
    with pytest.raises(Rejected) as caught:
        submit(ctx, key, public)
    assert caught.value.code == "nilvera.scenario_must_not_be_public"
    simulator.account.public_bodies.add(basic.invoice.buyer.tax_id.value)
    with pytest.raises(Rejected) as caught:
        submit(ctx, key, basic)
    assert caught.value.code == "nilvera.scenario_must_be_public"
    submit(ctx, key, public)


def test_a_second_send_is_a_conflict_that_names_the_first(simulator, ctx, key, submission, ref_of):
    sent = submission()
    submit(ctx, key, sent)
    with pytest.raises(Conflict) as caught:
        submit(ctx, key, sent)
    assert caught.value.existing == ref_of(sent)
    assert len(simulator.held(SUBMIT)) == 1


def test_a_number_taken_by_another_document_is_a_conflict_that_names_nobody(
    simulator, ctx, key, submission, ref_of
):
    submit(ctx, key, submission(1, number="EFA2026000000001"))
    other = submission(2, number="EFA2026000000001")
    with pytest.raises(Conflict) as caught:
        submit(ctx, key, other)
    assert caught.value.code == "nilvera.invoice_exists" and caught.value.existing is None
    assert plugin.locate(ctx, SUBMIT, key, ref_of(other)) == Absent()


def refused(simulator, ctx, key, sent):
    with pytest.raises(Exception) as caught:
        submit(ctx, key, sent)
    assert simulator.held(SUBMIT) == []
    assert simulator.truth.of("invoice.submitted") == []
    return caught.value


def test_another_companys_tax_number(simulator, ctx, key, submission):
    error = refused(simulator, ctx, key, submission(seller="1234567890"))
    assert isinstance(error, ConfigError) and error.code == "nilvera.tax_number_mismatch"


def test_no_credit_left(simulator, ctx, key, submission):
    simulator.account.credit = 0
    error = refused(simulator, ctx, key, submission())
    assert isinstance(error, ConfigError) and error.code == "nilvera.credit_missing"


def test_credit_counts_down_only_for_documents_taken(simulator, ctx, key, submission):
    simulator.account.credit = 1
    submit(ctx, key, submission(1))
    with pytest.raises(Conflict):
        submit(ctx, key, submission(1))
    with pytest.raises(ConfigError):
        submit(ctx, key, submission(2))


def test_an_archive_invoice_for_a_registered_buyer(simulator, ctx, key, submission):
    registered = submission().invoice.buyer.tax_id.value
    error = refused(simulator, ctx, key, submission(profile=Profile.ARCHIVE, buyer=registered))
    assert isinstance(error, Rejected) and error.code == "nilvera.wrong_channel"
    assert error.findings[0].code == "nilvera.wrong_channel.needs_e_invoice"


def test_an_e_invoice_for_an_unregistered_buyer(simulator, ctx, key, submission):
    error = refused(simulator, ctx, key, submission(buyer="1234567890"))
    assert error.code == "nilvera.wrong_channel"
    assert error.findings[0].code == "nilvera.wrong_channel.needs_e_archive"


def test_a_mailbox_that_is_no_longer_in_use(simulator, ctx, key, submission):
    simulator.account.retire(submission().invoice.buyer.tax_id.value)
    error = refused(simulator, ctx, key, submission())
    assert isinstance(error, Rejected) and error.code == "nilvera.alias_not_in_use"


def test_a_mailbox_nobody_has(simulator, ctx, key, submission):
    error = refused(simulator, ctx, key, submission(alias="urn:mail:baska@example.com"))
    assert isinstance(error, Rejected) and error.code == "nilvera.alias_not_in_use"


def test_a_missing_mailbox_is_refused_before_anything_is_sent(simulator, make_ctx, key, submission):
    error = refused(simulator, make_ctx(test_url="http://127.0.0.1:9"), key, submission(alias=""))
    assert isinstance(error, Rejected) and error.code == "nilvera.alias_missing"


def test_a_profile_nilvera_is_not_known_to_follow(simulator, make_ctx, key, submission):
    error = refused(
        simulator, make_ctx(test_url="http://127.0.0.1:9"), key, submission(profile=Profile.EXPORT)
    )
    assert isinstance(error, Unsupported) and error.code == "nilvera.profile_unsupported"


def test_a_number_of_another_year(simulator, ctx, key, submission):
    error = refused(simulator, ctx, key, submission(number="EFA2025000000001"))
    assert isinstance(error, Rejected) and error.code == "nilvera.series_year"


def test_a_company_that_is_not_registered_itself(simulator, ctx, key, submission):
    simulator.account.registered = False
    error = refused(simulator, ctx, key, submission())
    assert isinstance(error, ConfigError) and error.code == "nilvera.sender_not_registered"


@pytest.mark.parametrize(
    "change",
    [
        {"content": b"<Invoice"},
        {"content": b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'},
        {"content": b"<Order/>"},
        {"xml": {">1</cbc:InvoicedQuantity>": ">-1</cbc:InvoicedQuantity>"}},
        {
            "xml": {
                "<cbc:PayableAmount": '<cbc:PrepaidAmount currencyID="TRY">1</cbc:PrepaidAmount><cbc:PayableAmount'
            }
        },
        {
            "xml": {
                "<cbc:DocumentCurrencyCode>": "<cbc:BuyerReference>7</cbc:BuyerReference><cbc:DocumentCurrencyCode>"
            }
        },
    ],
)
def test_a_document_that_breaks_the_schema(simulator, ctx, key, submission, change):
    error = refused(simulator, ctx, key, submission(**change))
    assert isinstance(error, Rejected) and error.code == "nilvera.schema"
    assert error.findings and "2015" in error.detail


def test_an_unknown_series_is_defined_and_the_document_sent_again(simulator, ctx, key, submission):
    receipt = submit(ctx, key, submission(number="XYZ2026000000001"))
    assert receipt.number == "XYZ2026000000001"
    assert simulator.account.series[Side.E_INVOICE]["XYZ"].active
    assert "XYZ" not in simulator.account.series[Side.E_ARCHIVE]
    assert len(simulator.held(SUBMIT)) == 1


def test_an_unknown_series_stays_a_refusal_when_the_setting_says_so(simulator, make_ctx, key, submission):
    error = refused(
        simulator, make_ctx(create_missing_series=False), key, submission(number="XYZ2026000000001")
    )
    assert isinstance(error, Rejected) and error.code == "nilvera.series_unknown"
    assert "XYZ" not in simulator.account.series[Side.E_INVOICE]


def test_a_series_that_exists_but_is_switched_off_is_not_sent_for_ever(simulator, ctx, key, submission):
    simulator.account.series[Side.E_INVOICE]["XYZ"] = Series(9, "XYZ", active=False)
    error = refused(simulator, ctx, key, submission(number="XYZ2026000000001"))
    assert error.code == "nilvera.series_unknown"


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_a_lost_answer_about_the_series_puts_the_document_off(simulator, ctx, key, submission, kind):
    simulator.faults.add(Fault(kind, method="POST", path="/Series$", times=1))
    error = refused(simulator, ctx, key, submission(number="XYZ2026000000001"))
    assert isinstance(error, TransientError) and error.code == "nilvera.series_not_made"
    assert submit(ctx, key, submission(number="XYZ2026000000001")).number == "XYZ2026000000001"


def test_a_dry_run_shows_the_call_and_sends_nothing(simulator, make_ctx, key, submission):
    with pytest.raises(PlannedRequest) as planned:
        submit(make_ctx(dry_run=True), key, submission())
    assert planned.value.call.method == "POST"
    assert "/einvoice/Send/Xml" in planned.value.call.url
    assert "simulated-key" not in json.dumps([planned.value.call.url, dict(planned.value.call.headers)])
    assert simulator.held(SUBMIT) == []


def test_the_key_stands_in_no_error(simulator, make_ctx, key, submission):
    with pytest.raises(AuthError) as caught:
        submit(make_ctx(api_key="canary-9f2504e0"), key, submission())
    assert caught.value.code == "nilvera.key_refused"
    assert "canary" not in f"{caught.value} {caught.value.detail} {caught.value.message}"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(FaultKind.STATUS, path=SEND, status=429, seconds=7), RateLimited),
        (Fault(FaultKind.STATUS, path=SEND, status=500), OutcomeUnknown),
        (Fault(FaultKind.STATUS, path=SEND, status=503), OutcomeUnknown),
        (Fault(FaultKind.STATUS, path=SEND, status=401), AuthError),
        (Fault(FaultKind.STATUS, path=SEND, status=403), AuthError),
        (Fault(FaultKind.STATUS, path=SEND, status=404), Rejected),
        (Fault(FaultKind.STATUS, path=SEND, status=409), Conflict),
        (Fault(FaultKind.STATUS, path=SEND, status=422), Rejected),
        (Fault(FaultKind.DROP_BEFORE, path=SEND), OutcomeUnknown),
        (Fault(FaultKind.DROP_AFTER, path=SEND), OutcomeUnknown),
        (Fault(FaultKind.MALFORMED, path=SEND), OutcomeUnknown),
    ],
)
def test_bare_faults_have_the_class_of_the_contract(simulator, ctx, key, submission, fault, error):
    simulator.faults.add(fault)
    with pytest.raises(error) as caught:
        submit(ctx, key, submission())
    assert type(caught.value) is error
    if error is RateLimited:
        assert caught.value.retry_after == 7


def test_a_server_that_cannot_be_reached_has_done_nothing(make_ctx, key, submission):
    with pytest.raises(TransientError):
        submit(make_ctx(test_url="http://127.0.0.1:9"), key, submission())


# Finding out what happened


@pytest.mark.parametrize("profile", [Profile.BASIC, Profile.ARCHIVE])
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.MALFORMED])
def test_a_document_whose_answer_was_lost_is_found_with_all_its_data(
    simulator, ctx, key, submission, ref_of, profile, kind
):
    sent = submission(profile=profile)
    simulator.faults.add(Fault(kind, path=SEND, times=1))
    with pytest.raises(OutcomeUnknown):
        submit(ctx, key, sent)
    found = plugin.locate(ctx, SUBMIT, key, ref_of(sent))
    assert isinstance(found, Found)
    assert found.receipt.ref == ref_of(sent)
    assert found.receipt.number == sent.invoice.number
    echo = found.receipt.echo
    assert (echo.number, echo.total, echo.currency, echo.date) == (
        sent.invoice.number,
        Decimal("120.00"),
        "TRY",
        "2026-03-02",
    )
    assert echo.party == sent.invoice.buyer.tax_id.value
    assert len(simulator.held(SUBMIT)) == 1


def test_a_document_that_never_arrived_is_absent(simulator, ctx, key, submission, ref_of):
    sent = submission()
    simulator.faults.add(Fault(FaultKind.DROP_BEFORE, path=SEND, times=1))
    with pytest.raises(OutcomeUnknown):
        submit(ctx, key, sent)
    assert plugin.locate(ctx, SUBMIT, key, ref_of(sent)) == Absent()
    submit(ctx, key, sent)
    assert isinstance(plugin.locate(ctx, SUBMIT, key, ref_of(sent)), Found)


def test_a_document_is_looked_for_on_its_own_side_only(ctx, key, submission, ref_of):
    sent = submission()
    submit(ctx, key, sent)
    assert plugin.locate(ctx, SUBMIT, key, ExternalRef(kind="e_archive", id=str(sent.invoice.id))) == Absent()


def test_a_number_given_by_nilvera_reaches_the_engine(simulator, ctx, key, submission, ref_of):
    sent = submission(xml={"<cbc:ID>EFA2026000000001</cbc:ID>": "<cbc:ID>EFA</cbc:ID>"})
    simulator.account.series[Side.E_INVOICE]["EFA"].last[2026] = 41
    receipt = submit(ctx, key, sent)
    assert receipt.number == receipt.echo.number == "EFA2026000000042" != sent.invoice.number


@pytest.mark.parametrize("path", ["/xml$"])
@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.STATUS])
def test_without_readable_xml_the_details_still_tell_the_number(
    simulator, ctx, key, submission, ref_of, path, kind
):
    sent = submission()
    submit(ctx, key, sent)
    simulator.faults.add(Fault(kind, path=path, status=404))
    receipt = plugin.locate(ctx, SUBMIT, key, ref_of(sent)).receipt
    assert (receipt.number, receipt.echo.date, receipt.echo.currency) == (
        sent.invoice.number,
        "2026-03-02",
        "TRY",
    )
    assert receipt.echo.total is None


def test_without_an_ettn_nothing_can_be_told(make_ctx, key):
    ctx = make_ctx(test_url="http://127.0.0.1:9")
    assert isinstance(plugin.locate(ctx, SUBMIT, key, None), CannotTell)
    assert isinstance(plugin.locate(ctx, SUBMIT, key, ExternalRef(kind="order", id="5")), CannotTell)
    other = plugin.locate(ctx, Operation.POST_INVOICE, key, ExternalRef(kind="e_invoice", id="5"))
    assert isinstance(other, CannotTell)


@pytest.mark.parametrize("status", [500, 401, 429, 400])
def test_a_look_up_that_fails_never_says_absent(simulator, ctx, key, submission, ref_of, status):
    simulator.faults.add(Fault(FaultKind.STATUS, path="/Status$", status=status))
    with pytest.raises((TransientError, AuthError, RateLimited, Rejected)):
        plugin.locate(ctx, SUBMIT, key, ref_of(submission()))


def test_a_wrong_address_never_says_absent(simulator, make_ctx, key, submission, ref_of):
    ctx = make_ctx(test_url=f"{simulator.url}/eski")
    with pytest.raises(ConfigError) as caught:
        plugin.locate(ctx, SUBMIT, key, ref_of(submission()))
    assert caught.value.code == "nilvera.api_unknown"


def test_a_late_commit_is_found_after_the_quiet_time_and_stays_single(
    simulator, ctx, key, submission, ref_of
):
    sent = submission()
    simulator.faults.add(Fault(FaultKind.LATE_COMMIT, path=SEND, times=1, seconds=0.2))
    with pytest.raises(OutcomeUnknown):
        submit(ctx, key, sent)
    assert plugin.locate(ctx, SUBMIT, key, ref_of(sent)) == Absent()
    deadline = time.monotonic() + 10
    while plugin.locate(ctx, SUBMIT, key, ref_of(sent)) == Absent():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with pytest.raises(Conflict):
        submit(ctx, key, sent)
    assert len(simulator.held(SUBMIT)) == 1


def test_a_document_gib_refused_may_be_sent_again_with_number_and_ettn(simulator, ctx, key, submission):
    sent = submission()
    simulator.script(sent.invoice.id, Fate(polls=0, gib_code=1160))
    submit(ctx, key, sent)
    submit(ctx, key, sent)
    (held,) = simulator.held(SUBMIT)
    assert held.live and held.number == sent.invoice.number
    with pytest.raises(Conflict):
        submit(ctx, key, sent)


def test_a_document_gib_already_holds_is_not_taken_again(simulator, ctx, key, submission):
    sent = submission()
    simulator.script(sent.invoice.id, Fate(polls=0, gib_code=1163))
    submit(ctx, key, sent)
    with pytest.raises(Conflict):
        submit(ctx, key, sent)


def test_february_29_and_new_year_keep_number_and_date_together(ctx, key, submission):
    sent = submission(issued=date(2028, 2, 29), number="EFA2028000000001")
    assert submit(ctx, key, sent).number == "EFA2028000000001"
