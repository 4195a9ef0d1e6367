"""Refusals of Logo, each documented form made up from its description."""

import json

import pytest

from kopru.sdk import AuthError, OutcomeUnknown, RateLimited, Rejected, Response, TransientError
from kopru_logo import errors


def answer(status=400, **body):
    return Response(status, {}, json.dumps(body).encode())


def state(**keys):
    return answer(Message="The request is invalid.", ModelState=keys)


def test_the_texts_of_all_keys_are_kept():
    error = errors.explain_write(
        state(
            ValError0=["Cari yok", "Stok yok"],
            ValError5=["Birim yok"],
            OtherError=["Başka"],
            **{
                "LOError:": ["Nesne"],
                "207": ["Kod"],
                "_iDoCode.String": ["Belge no"],
                "_refs.String": "tek metin",
            },
        )
    )
    assert isinstance(error, Rejected)
    assert error.code == "logo.rejected"
    assert [(finding.field, finding.code) for finding in error.findings] == [
        ("ValError0", "logo.validation"),
        ("ValError0", "logo.validation"),
        ("ValError5", "logo.validation"),
        ("OtherError", "logo.other"),
        ("LOError", "logo.object"),
        ("207", "logo.other"),
        ("_iDoCode.String", "logo.other"),
        ("_refs.String", "logo.other"),
    ]
    assert "Stok yok" in error.message.tr


@pytest.mark.parametrize(
    "keys",
    [
        {"202": ["Tarih dönem dışında"]},
        {"ValError0": ["(202) Tarih mali dönem sınırları dışında"]},
        {"ValError3": ["202 - Tarih"]},
    ],
)
def test_a_date_outside_the_period(keys):
    assert errors.explain_write(state(**keys)).code == "logo.period_closed"


@pytest.mark.parametrize("text", ["Fiş 2026000202 kayıtlı", "Tutar 202 olamaz"])
def test_202_inside_a_text_is_only_a_number(text):
    assert errors.explain_write(state(ValError0=[text])).code == "logo.rejected"


@pytest.mark.parametrize(
    ("keys", "kind", "code"),
    [
        ({"LoginError": ["Oturum kapalı"]}, AuthError, "logo.session"),
        ({"LOError": ["Session expired"]}, AuthError, "logo.session"),
        ({"LOError": ["Lisans sayısı aşıldı"]}, RateLimited, "logo.licence"),
        ({"DBError": ["Transaction (Process ID 5) was deadlocked"]}, TransientError, "logo.database.busy"),
        ({"DBError": ["Timeout expired"]}, OutcomeUnknown, "logo.database.busy"),
        ({"DBError": ["ZAMAN AŞIMI"]}, OutcomeUnknown, "logo.database.busy"),
        ({"DBError": ["Invalid object name"]}, Rejected, "logo.rejected"),
        ({"LOError": ["Fiş kaydedilemedi"]}, Rejected, "logo.rejected"),
    ],
)
def test_what_passes_by_itself_is_told_from_what_stays(keys, kind, code):
    error = errors.explain_write(state(**keys))
    assert type(error) is kind
    assert error.code == code


def test_a_database_timeout_of_a_read_left_no_trace():
    assert type(errors.explain_read(state(DBError=["Timeout expired"]))) is TransientError


def test_a_bare_message_is_a_refusal():
    error = errors.explain_write(answer(Message="Kaynak bulunamadı"))
    assert [finding.message.tr for finding in error.findings] == ["Logo: Kaynak bulunamadı"]


@pytest.mark.parametrize(
    "body", [{}, {"ModelState": {}}, {"ModelState": {"ValError0": [None, "  "]}}, {"Message": 5}]
)
def test_a_refusal_without_words_keeps_the_meaning_of_its_status(body):
    assert errors.explain_write(answer(**body)) is None


def test_other_statuses_keep_their_meaning():
    assert errors.explain_write(answer(500, ModelState={"DBError": ["x"]})) is None
    assert errors.explain_write(answer(404, Message="x")) is None
    assert isinstance(errors.explain_read(answer(401)), AuthError)


def test_hostile_texts_are_cut_and_cleaned():
    error = errors.explain_write(state(ValError0=["a\x00b\u202e" + "x" * 9000]))
    assert "\x00" not in error.findings[0].message.tr
    assert len(error.findings[0].message.tr) < 600
    assert len(error.message.tr) < 700


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ({"error": "invalid_client"}, AuthError, "logo.login.client"),
        ({"error": "invalid_grant", "error_description": "Parola hatalı"}, AuthError, "logo.login.refused"),
        ({"error": "server", "error_description": "LİSANS AŞILDI"}, RateLimited, "logo.licence"),
        ({"error": "server", "error_description": "No free license"}, RateLimited, "logo.licence"),
        ({}, AuthError, "logo.login.refused"),
    ],
)
def test_refused_logins(body, kind, code):
    error = errors.explain_login(answer(**body))
    assert type(error) is kind
    assert error.code == code
