"""What ikas's problems become, wherever they stand."""

import json
from collections.abc import Callable

import pytest

from kopru.model import ExternalRef
from kopru.sdk import (
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    Ctx,
    IdempotencyKey,
    OrderAction,
    OrderUpdate,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TransientError,
    Window,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World
from kopru.toolkit.graphql import Problem
from kopru_ikas import plugin
from kopru_ikas.config import IkasConfig
from kopru_ikas.errors import explain
from kopru_ikas.simulator import BAN_CALLS, IkasSimulator

GRAPHQL = "/graphql"
MakeCtx = Callable[..., Ctx[IkasConfig]]


def body(code: str, message: str = "olmadı", data: str = "null") -> str:
    return f'{{"errors": [{{"message": "{message}", "extensions": {{"code": "{code}"}}}}], "data": {data}}}'


@pytest.mark.parametrize(
    ("code", "kind", "ours"),
    [
        ("LOGIN_REQUIRED", AuthError, "ikas.login.required"),
        ("UNAUTHENTICATED", AuthError, "ikas.login.required"),
        ("UNAUTHORIZED", ConfigError, "ikas.scope.missing"),
        ("GRAPHQL_VALIDATION_FAILED", ConfigError, "ikas.query.refused"),
        ("ARGUMENT_VALIDATION_ERROR", Rejected, "ikas.argument"),
        ("ORDER_LINE_IS_ALREADY_PACKAGED", Conflict, "ikas.order.packaged"),
        ("ORDER_NOT_ELIGIBLE_FOR_UPDATE", Rejected, "ikas.order.closed"),
        ("INTERNAL_SERVER_ERROR", TransientError, "ikas.server"),
        ("SOMETHING_NEW", Rejected, "ikas.rejected"),
        ("", Rejected, "ikas.rejected"),
    ],
)
def test_each_code(code: str, kind: type[ConnectorError], ours: str) -> None:
    error = explain((Problem(code, "olmadı", "listOrder"),))
    assert type(error) is kind and error.code == ours
    assert error.message.tr != error.message.en
    if isinstance(error, Rejected):
        assert [finding.field for finding in error.findings] == ["listOrder"]


def test_the_weightiest_problem_decides() -> None:
    problems = (Problem("ARGUMENT_VALIDATION_ERROR", "a"), Problem("LOGIN_REQUIRED", "b"))
    assert isinstance(explain(problems), AuthError)


def test_an_unknown_field_is_named_with_its_setting() -> None:
    problem = Problem("GRAPHQL_VALIDATION_FAILED", 'Cannot query field "taxLines" on type "Order".')
    error = explain((problem,))
    assert isinstance(error, ConfigError)
    assert (error.code, error.field) == ("ikas.query.unknown_field", "left_out_fields")
    assert "taxLines" in error.message.tr


def test_an_expired_token_answers_200(sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window) -> None:
    sim.expire_tokens()
    with pytest.raises(AuthError, match=r"login.required"):
        plugin.fetch_orders(ctx, None, window, 5)
    assert sim.served[-1].status == 200


def test_no_login_yet(sim: IkasSimulator, make_ctx: MakeCtx, window: Window) -> None:
    with pytest.raises(AuthError):
        plugin.fetch_orders(make_ctx(sim, login=False), None, window, 5)


def test_a_refused_login(sim: IkasSimulator, make_ctx: MakeCtx) -> None:
    for settings in ({"client_secret": "yanlis"}, {"client_id": "yanlis"}):
        with pytest.raises(AuthError):
            plugin.refresh_credentials(make_ctx(sim, login=False, **settings))
    sim.faults.add(Fault(FaultKind.STATUS, path="/token$", status=400, body='{"errors": [{"msg": "hayır"}]}'))
    with pytest.raises(AuthError, match=r"login.refused"):
        plugin.refresh_credentials(make_ctx(sim, login=False))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (body("LOGIN_REQUIRED"), AuthError),
        (body("INTERNAL_SERVER_ERROR"), TransientError),
        (body("GRAPHQL_VALIDATION_FAILED"), ConfigError),
        (body("INTERNAL_SERVER_ERROR", data='{"listOrder": {"data": [], "hasNext": false}}'), TransientError),
        ('{"errors": ["olmadı"], "data": null}', Rejected),
        ('{"errors": "olmadı"}', Rejected),
        ('{"data": null}', TransientError),
        ('{"data": {"listOrder": null}}', TransientError),
        ('{"data": {"listOrder": {"data": {}, "hasNext": false}}}', TransientError),
        ('{"data": {"listOrder": {"data": []}}}', TransientError),
        ("<html>", TransientError),
    ],
)
def test_a_read_never_takes_a_problem_for_an_empty_page(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window, answer: str, kind: type[ConnectorError]
) -> None:
    sim.faults.add(Fault(FaultKind.REPLACED, "POST", GRAPHQL, body=answer))
    with pytest.raises(kind):
        plugin.fetch_orders(ctx, None, window, 5)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (body("LOGIN_REQUIRED"), AuthError),
        (body("ORDER_NOT_ELIGIBLE_FOR_UPDATE"), Rejected),
        (body("INTERNAL_SERVER_ERROR"), OutcomeUnknown),
        (body("SOMETHING_NEW", data='{"addOrderInvoice": {"id": "1"}}'), OutcomeUnknown),
        ("<html>", OutcomeUnknown),
    ],
)
def test_a_write_is_refused_or_unknown(
    sim: IkasSimulator,
    ctx: Ctx[IkasConfig],
    world: World,
    key: Callable[[str], IdempotencyKey],
    answer: str,
    kind: type[ConnectorError],
) -> None:
    ref = ExternalRef(kind="order", id=str(world.orders[0].id))
    sim.faults.add(Fault(FaultKind.REPLACED, "POST", GRAPHQL, skip=1, body=answer))
    with pytest.raises(kind):
        plugin.update_order_status(ctx, key("a"), OrderUpdate(ref, OrderAction.INVOICED, invoice_number="A"))


def test_a_problem_with_status_400_is_explained(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window
) -> None:
    sim.unknown_fields = frozenset({"taxLines"})
    with pytest.raises(ConfigError, match="unknown_field"):
        plugin.fetch_orders(ctx, None, window, 5)
    assert sim.served[-1].status == 400


def test_a_document_that_ikas_refuses_is_sent_once(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window
) -> None:
    sim.unknown_fields = frozenset({"taxLines"})
    before = len(sim.served)
    with pytest.raises(ConfigError):
        plugin.fetch_orders(ctx, None, window, 5)
    assert len(sim.served) - before == 1


def test_repeated_bad_documents_get_the_app_blocked(
    sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window
) -> None:
    sim.unknown_fields = frozenset({"taxLines"})
    for _ in range(BAN_CALLS):
        with pytest.raises(ConfigError):
            plugin.fetch_orders(ctx, None, window, 5)
    sim.unknown_fields = frozenset()
    with pytest.raises(RateLimited):
        plugin.fetch_orders(ctx, None, window, 5)


def test_statuses_keep_their_meaning(sim: IkasSimulator, ctx: Ctx[IkasConfig], window: Window) -> None:
    meanings = {401: AuthError, 403: AuthError, 429: RateLimited, 500: TransientError, 404: Rejected}
    for status, kind in meanings.items():
        sim.faults.add(
            Fault(FaultKind.STATUS, status=status, body=json.dumps({"errors": [{"message": "x"}]}))
        )
        with pytest.raises(kind):
            plugin.fetch_orders(ctx, None, window, 5)
        sim.faults.clear()
