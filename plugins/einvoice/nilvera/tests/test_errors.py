"""Refusals: every documented number becomes the class and code that makes the right person act."""

import json
from typing import Any

import pytest

from kopru.model import ExternalRef
from kopru.sdk import (
    AuthError,
    ConfigError,
    Conflict,
    OutcomeUnknown,
    Rejected,
    Response,
    TransientError,
)
from kopru_nilvera.codes import REFUSALS
from kopru_nilvera.errors import explain, explain_for, problems_of
from kopru_nilvera.texts import TEXTS

REF = ExternalRef(kind="e_invoice", id="11111111-1111-4111-8111-111111111111")


def answer(status: int, body: Any) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {}, content)


def refusal(
    code: object, status: int = 422, description: str = "Açıklama", detail: str = "Ayrıntı"
) -> Response:
    """A made-up refusal in the documented shape."""
    error = {"Code": code, "Description": description, "Detail": detail}
    return answer(status, {"Message": "HATALI ISTEK", "Errors": [error]})


@pytest.mark.parametrize(
    ("number", "status", "kind", "code"),
    [
        (1000, 409, ConfigError, "nilvera.tax_number_mismatch"),
        (1001, 409, Conflict, "nilvera.ettn_exists"),
        (1004, 409, Conflict, "nilvera.invoice_exists"),
        (1005, 409, Conflict, "nilvera.series_exists"),
        (1015, 409, Conflict, "nilvera.record_exists"),
        (2000, 422, ConfigError, "nilvera.credit_missing"),
        (2075, 422, ConfigError, "nilvera.credit_expired"),
        (2078, 422, ConfigError, "nilvera.credit_too_little"),
        (2004, 422, OutcomeUnknown, "nilvera.record_failed"),
        (2015, 422, Rejected, "nilvera.schema"),
        (2024, 422, Rejected, "nilvera.wrong_channel"),
        (2025, 422, Rejected, "nilvera.wrong_channel"),
        (2053, 422, Rejected, "nilvera.wrong_channel"),
        (2054, 422, Rejected, "nilvera.wrong_channel"),
        (2060, 422, Rejected, "nilvera.wrong_channel"),
        (2063, 422, Rejected, "nilvera.wrong_channel"),
        (2051, 422, ConfigError, "nilvera.sender_not_registered"),
        (2052, 422, Rejected, "nilvera.alias_not_in_use"),
        (2057, 422, TransientError, "nilvera.alias_lookup_failed"),
        (2059, 422, Rejected, "nilvera.scenario_must_be_public"),
        (2061, 422, Rejected, "nilvera.scenario_must_not_be_public"),
        (2065, 422, Rejected, "nilvera.series_empty"),
        (2100, 422, Rejected, "nilvera.series_year"),
        (3000, 404, Rejected, "nilvera.alias_not_in_use"),
        (3001, 404, ConfigError, "nilvera.sender_alias_unknown"),
        (3002, 404, Rejected, "nilvera.alias_not_in_use"),
        (3003, 404, Rejected, "nilvera.document.not_found"),
        (3004, 404, Rejected, "nilvera.document.not_found"),
        (3005, 404, Rejected, "nilvera.document_empty"),
        (3006, 404, Rejected, "nilvera.document.not_found"),
        (3009, 404, Rejected, "nilvera.series_unknown"),
        (3010, 404, ConfigError, "nilvera.template_unknown"),
        (3011, 404, ConfigError, "nilvera.template_unknown"),
        (3012, 404, ConfigError, "nilvera.template_unknown"),
        (3017, 404, ConfigError, "nilvera.package_unknown"),
        (3030, 404, ConfigError, "nilvera.api_unknown"),
    ],
)
def test_each_documented_number(number, status, kind, code):
    error = explain(refusal(number, status))
    assert type(error) is kind
    assert error.code == code
    assert error.message == TEXTS[code]
    assert str(number) in error.detail and "Ayrıntı" in error.detail


def test_no_documented_number_is_left_out_of_the_table_above():
    cases = test_each_documented_number.pytestmark[0].args[1]
    assert {case[0] for case in cases} == set(REFUSALS)


def test_only_a_taken_ettn_names_the_existing_document():
    assert explain_for(REF)(refusal(1001, 409)).existing == REF
    assert explain_for(REF)(refusal(1004, 409)).existing is None
    assert explain(refusal(1001, 409)).existing is None


@pytest.mark.parametrize(
    ("number", "finding"),
    [
        (2024, "needs_e_archive"), (2054, "needs_e_archive"), (2060, "needs_e_archive"),
        (2025, "needs_e_invoice"), (2053, "needs_e_invoice"), (2063, "needs_e_invoice"),
    ],
)  # fmt: skip
def test_a_wrong_channel_says_which_one_is_right(number, finding):
    error = explain(refusal(number))
    assert [each.code for each in error.findings] == [f"nilvera.wrong_channel.{finding}"]


def test_a_schema_refusal_keeps_every_fault_as_a_finding():
    faults = [{"Code": 2015, "Description": "Şematron", "Detail": f"Kural {n}"} for n in range(3)]
    error = explain(answer(422, {"Message": "x", "Errors": faults}))
    assert [finding.detail for finding in error.findings] == [f"2015: Şematron – Kural {n}" for n in range(3)]
    assert all("Kural" in finding.message.tr and finding.blocks for finding in error.findings)


def test_sent_before_wins_over_other_faults():
    errors = [{"Code": 2015, "Description": "a"}, {"Code": 1001, "Description": "b"}]
    assert isinstance(explain(answer(409, {"Errors": errors})), Conflict)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_passing_faults_are_left_to_the_status(status):
    assert explain(refusal(2015, status)) is None


def test_key_and_permission_are_told_apart():
    assert explain(answer(401, b"")).code == "nilvera.key_refused"
    forbidden = explain(refusal(1000, 403))
    assert isinstance(forbidden, AuthError)
    assert forbidden.code == "nilvera.key_lacks_permission"


def test_an_invalid_request_names_its_fields():
    body = {
        "Message": "GECERSIZ ISTEK",
        "Errors": [{"Code": 400, "Description": "Alias", "Detail": "Boş olamaz."}],
    }
    error = explain(answer(400, body))
    assert error.code == "nilvera.invalid_request"
    assert [(finding.field, finding.code) for finding in error.findings] == [
        ("Alias", "nilvera.invalid_request")
    ]


def test_problem_details_of_the_framework_are_read():
    body = {
        "title": "One or more validation errors",
        "status": 400,
        "errors": {"file": ["required", "too big"]},
    }
    error = explain(answer(400, body))
    assert isinstance(error, Rejected)
    assert error.findings[0].field == "file"
    assert "required; too big" in error.findings[0].detail


def test_a_bare_list_of_errors_is_read():
    assert explain(answer(409, [{"Code": 1001, "Description": "x"}])).code == "nilvera.ettn_exists"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (404, Rejected, "nilvera.not_found"),
        (409, Conflict, "nilvera.record_exists"),
        (422, Rejected, "nilvera.refused"),
    ],
)
def test_an_unknown_number_keeps_nilveras_words(status, kind, code):
    error = explain(refusal(4711, status, "Yeni hata", "{0} {x}"))
    assert type(error) is kind and error.code == code
    assert "Yeni hata" in error.detail


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, {"Errors": None}, {"Errors": [1, None, "x"]}, 7, None, [],
     {"Errors": [{"Code": None, "Description": None}]}, {"Message": {"a": 1}}],
)  # fmt: skip
def test_an_unreadable_body_leaves_the_status_to_speak(body):
    assert problems_of(answer(422, body)) == ()
    assert explain(answer(422, body)) is None


def test_a_hostile_body_stays_small():
    errors = [{"Code": "9" * 5_000, "Description": "\x00" + "x" * 20_000, "Detail": "{y}"}] * 200
    error = explain(answer(422, {"Errors": errors}))
    assert len(error.findings) <= 50
    assert len(error.detail) <= 1000 and "\x00" not in error.detail
