"""The simulated ikas refuses what ikas would refuse."""

import json
from typing import Any

import httpx
import pytest

from kopru.testing.world import World
from kopru_ikas.simulation.graphql import BadDocument, read
from kopru_ikas.simulator import IkasSimulator


@pytest.fixture
def token(sim: IkasSimulator) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": "sim-client-id",
        "client_secret": "sim-client-secret",
    }
    answer = httpx.post(f"{sim.url}/api/admin/oauth/token", data=form).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 14_400)
    return str(answer["access_token"])


def ask(sim: IkasSimulator, token: str, query: str, version: str = "v2", **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables})
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return httpx.post(f"{sim.url}/api/{version}/admin/graphql", content=body, headers=headers).json()


def code(answer: Any) -> str:
    assert answer["data"] is None
    return str(answer["errors"][0]["extensions"]["code"])


LIST = "query A($pagination: PaginationInput) { listOrder(pagination: $pagination) { count data { id } } }"


def test_only_a_token_opens(sim: IkasSimulator, token: str) -> None:
    assert ask(sim, token, LIST)["data"]["listOrder"]["count"] == 12
    assert code(ask(sim, "yanlis", LIST)) == "LOGIN_REQUIRED"
    sim.clock.advance(14_401)
    assert code(ask(sim, token, LIST)) == "LOGIN_REQUIRED"


def test_other_grants_are_refused(sim: IkasSimulator) -> None:
    answer = httpx.post(f"{sim.url}/api/admin/oauth/token", data={"grant_type": "password"})
    assert answer.status_code == 400


@pytest.mark.parametrize("limit", [0, 201])
def test_pages_have_a_largest_size(sim: IkasSimulator, token: str, limit: int) -> None:
    answer = ask(sim, token, LIST, pagination={"page": 1, "limit": limit})
    assert code(answer) == "ARGUMENT_VALIDATION_ERROR"


@pytest.mark.parametrize(
    "document",
    [
        "query A { listOrder { yok } }",
        "query A { listOrder }",
        "query A { listOrder { data { id { a } } } }",
        "query A { bilinmeyen { id } }",
        "query A { listOrder(yok: $a) { count } }",
        "query A { listOrder(sort: $sort) { count } }",
        "query A($sort: Int) { listOrder(sort: $sort) { count } }",
        "mutation A { fulfillOrder { id } }",
        "mutation A($input: FulFillOrderInput) { fulfillOrder(input: $input) { id } }",
        "query A { listOrder { count }",
        "query A { listOrder { count } } query B { listOrder { count } }",
        "abone ol",
        "",
    ],
)
def test_documents_must_fit_the_schema(document: str) -> None:
    with pytest.raises(BadDocument):
        read(document, "v2")


def test_versions_write_by_other_names() -> None:
    stock = "mutation A($input: SaveVariantStocksInput!) { saveVariantStocks(input: $input) { errors { errorCode } } }"
    read(stock, "v2")
    for version in ("v1", "v2-error-inputs"):
        with pytest.raises(BadDocument):
            read(stock, version)


@pytest.mark.parametrize(
    "given",
    [
        None,
        5,
        {},
        {"orderId": "1"},
        {"orderId": "1", "lines": [{}]},
        {"orderId": "1", "lines": [{"orderLineItemId": "a", "quantity": "iki"}]},
        {"orderId": 1, "lines": []},
        {"orderId": "1", "lines": [], "bilinmeyen": 1},
    ],
)
def test_inputs_must_fit_the_schema(sim: IkasSimulator, token: str, given: Any) -> None:
    document = "mutation A($input: FulFillOrderInput!) { fulfillOrder(input: $input) { id } }"
    assert code(ask(sim, token, document, input=given)) == "ARGUMENT_VALIDATION_ERROR"
    assert not sim.truth.of("status.updated")


def test_lines_are_packed_once(sim: IkasSimulator, token: str, world: World) -> None:
    document = "mutation A($input: FulFillOrderInput!) { fulfillOrder(input: $input) { orderPackageStatus } }"
    order = world.orders[0]
    lines = [{"orderLineItemId": str(order.lines[0].id), "quantity": order.lines[0].quantity}]
    given = {"orderId": str(order.id), "lines": lines}
    assert ask(sim, token, document, input=given)["data"]["fulfillOrder"]["orderPackageStatus"]
    assert code(ask(sim, token, document, input=given)) == "ORDER_LINE_IS_ALREADY_PACKAGED"


def test_missing_permissions(sim: IkasSimulator, token: str) -> None:
    sim.scopes = frozenset()
    assert code(ask(sim, token, LIST)) == "UNAUTHORIZED"


def test_bad_calls_get_the_app_blocked(sim: IkasSimulator, token: str) -> None:
    for _ in range(20):
        ask(sim, token, "query A { listOrder { yok } }")
    answer = httpx.post(
        f"{sim.url}/api/v2/admin/graphql",
        json={"query": LIST},
        headers={"authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 429


def test_version_1_is_served_beside_version_2(sim: IkasSimulator, token: str) -> None:
    assert ask(sim, token, LIST, version="v1")["data"]["listOrder"]["count"] == 12
