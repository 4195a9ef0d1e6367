"""The connection check, and what logins and refusals mean."""

from collections.abc import Callable
from typing import Any

import pytest

from kopru.sdk import (
    AuthError,
    ConfigError,
    Conflict,
    Ctx,
    RateLimited,
    Rejected,
    Response,
    TransientError,
)
from kopru.testing.faults import Fault, FaultKind
from kopru_hepsiburada import plugin
from kopru_hepsiburada.errors import explain, explain_invoice
from kopru_hepsiburada.simulator import HepsiburadaSimulator

Context = Ctx[Any]


def test_both_servers_are_tried(sim: HepsiburadaSimulator, ctx: Context) -> None:
    result = plugin.check_connection(ctx)
    assert [(item.name, item.ok) for item in result.items] == [
        ("orders", True),
        ("packages", True),
        ("cancelled", True),
        ("claims", True),
        ("listings", True),
    ]


def test_the_user_name_that_works_is_told(sim: HepsiburadaSimulator, ctx: Context) -> None:
    sim.username = sim.integrator
    (item,) = plugin.check_connection(ctx).items
    assert not item.ok and item.fix is not None and sim.integrator in item.fix.en


def test_a_name_entered_by_mistake_is_told_too(
    sim: HepsiburadaSimulator, make_ctx: Callable[..., Context]
) -> None:
    (item,) = plugin.check_connection(make_ctx(sim, basic_username="yanlis")).items
    assert item.fix is not None and sim.username in item.fix.en
    sim.username = "yanlis"
    assert plugin.check_connection(make_ctx(sim, basic_username="yanlis")).ok


def test_a_wrong_integrator_name_is_refused(
    sim: HepsiburadaSimulator, make_ctx: Callable[..., Context]
) -> None:
    name = f"{sim.username} - {sim.integrator}"
    (item,) = plugin.check_connection(make_ctx(sim, user_agent=name)).items
    assert not item.ok and item.fix is not None


def test_an_integrator_without_rights_is_told(sim: HepsiburadaSimulator, ctx: Context) -> None:
    sim.authorised = False
    (item,) = plugin.check_connection(ctx).items
    assert "not authorised" in item.message.en


def test_one_list_that_fails_does_not_hide_the_others(sim: HepsiburadaSimulator, ctx: Context) -> None:
    sim.faults.add(Fault(FaultKind.STATUS, path="^/claims/", status=404))
    result = plugin.check_connection(ctx)
    assert [item.name for item in result.items if not item.ok] == ["claims"]


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, b"", AuthError, "hepsiburada.auth.key"),
        (401, b"Missing Credentials!", AuthError, "hepsiburada.auth.key"),
        (403, b"", AuthError, "hepsiburada.auth.forbidden"),
        (404, b"<html>", Rejected, "hepsiburada.not_found"),
        (406, b"", RateLimited, "hepsiburada.cancel.daily_limit"),
        (409, b"{}", Conflict, "hepsiburada.conflict"),
        (400, b'{"code":"WrongDateFormat"}', ConfigError, "hepsiburada.date_refused"),
        (400, b'{"Code":"LimitCannotBeEmpty"}', Rejected, "hepsiburada.rejected"),
        (422, b'{"title":"x","errors":{"Limit":["must be 100"]}}', Rejected, "hepsiburada.rejected"),
        (
            400,
            b'{"message":"Order has an ongoing change address demand"}',
            TransientError,
            "hepsiburada.order.address_changing",
        ),
    ],
)
def test_refusals(status: int, body: bytes, kind: type, code: str) -> None:
    error = explain(Response(status, {}, body))
    assert isinstance(error, kind) and error.code == code


def test_the_servers_own_words_are_kept() -> None:
    error = explain(Response(422, {}, b'{"title":"Bad","errors":{"Limit":["must be 100"]}}'))
    assert error is not None and "must be 100" in error.message.en and "Bad" in error.message.tr


@pytest.mark.parametrize("status", [500, 503, 408])
def test_faults_of_the_server_are_left_to_the_status(status: int) -> None:
    assert explain(Response(status, {}, b'{"message":"x"}')) is None


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-ratelimit-reset": "7"}, 7.0),
        ({"x-ratelimit-reset": "0"}, 1.0),
        ({"x-ratelimit-reset": "999999999"}, 3600.0),
        ({"x-ratelimit-reset": "7", "retry-after": "3"}, None),
        ({}, None),
        ({"x-ratelimit-reset": "birazdan"}, None),
    ],
)
def test_the_pause_stands_in_a_header_of_its_own(headers: dict[str, str], wait: float | None) -> None:
    error = explain(Response(429, headers, b""))
    assert (error.retry_after if isinstance(error, RateLimited) else None) == wait


def test_another_merchants_package_is_no_login_problem() -> None:
    error = explain_invoice(Response(403, {}, b'{"code":"PackageBelongsToAnotherMerchant"}'))
    assert isinstance(error, Rejected) and error.code == "hepsiburada.invoice.not_yours"
    assert isinstance(explain_invoice(Response(403, {}, b"")), AuthError)
