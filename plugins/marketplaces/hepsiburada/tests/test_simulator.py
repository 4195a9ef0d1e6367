"""The simulator says no as the real servers are known to."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kopru_hepsiburada.simulation import make
from kopru_hepsiburada.simulator import HepsiburadaSimulator

Ask = Callable[..., httpx.Response]
M = make.MERCHANT
PAGE = {"offset": "0", "limit": "5"}


@pytest.fixture
def ask(sim: HepsiburadaSimulator) -> Ask:
    login = base64.b64encode(f"{M}:Sim0Anahtar1".encode()).decode()
    headers = {"authorization": f"Basic {login}", "user-agent": sim.integrator}

    def send(path: str, method: str = "GET", *, listing: bool = False, **options: Any) -> httpx.Response:
        base = sim.listing_url if listing else sim.url
        with httpx.Client() as client:
            options["headers"] = headers | options.pop("headers", {})
            return client.request(method, base + path, **options)

    return send


@pytest.mark.parametrize(("listing", "body"), [(False, ""), (True, "Missing Credentials!")])
@pytest.mark.parametrize("header", ["authorization", "user-agent"])
def test_logins_are_refused_in_each_servers_own_way(ask: Ask, listing: bool, body: str, header: str) -> None:
    path = f"/{'listings' if listing else 'orders'}/merchantid/{M}"
    answer = ask(path, listing=listing, params=PAGE, headers={header: "x"})
    assert (answer.status_code, answer.text) == (401, body)


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("/orders/merchantid/{}", {}, 400, "LimitCannotBeEmpty"),
        ("/orders/merchantid/{}", {"offset": "0", "limit": "101"}, 400, "LimitIsNotValid"),
        ("/orders/merchantid/{}", {**PAGE, "begindate": "24.09.2026"}, 400, "WrongDateFormat"),
        (
            "/orders/merchantid/{}/cancelled",
            {**PAGE, "begindate": "2026-01-01 10:00"},
            400,
            "WrongDateFormat",
        ),
        ("/packages/merchantid/{}", {"limit": "11"}, 400, "LimitIsNotValid"),
        ("/packages/merchantid/{}/shipped", {"offset": "0", "limit": "51"}, 400, "LimitIsNotValid"),
        ("/claims/merchantId/{}", {}, 400, "LimitCannotBeEmpty"),
        ("/orders/merchantid/{}/ordernumber/1", {}, 404, "OrderNotFound"),
        ("/listings/merchantid/{}", PAGE, 404, "NotFound"),
    ],
)
def test_refusals(ask: Ask, path: str, params: dict[str, str], status: int, code: str) -> None:
    answer = ask(path.format(M), params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_paths_of_the_listing_server_are_lower_case(ask: Ask) -> None:
    assert ask(f"/listings/merchantId/{M}", listing=True, params=PAGE).status_code == 400
    assert ask(f"/listings/merchantid/{M}", listing=True, params=PAGE).status_code == 200
    assert ask(f"/orders/merchantId/{M}", params=PAGE).status_code == 200


def test_iso_dates_match_nothing_without_a_word(ask: Ask) -> None:
    whole = ask(f"/orders/merchantid/{M}", params=PAGE).json()["totalCount"]
    iso = ask(f"/orders/merchantid/{M}", params={**PAGE, "begindate": "2020-01-01T00:00:00Z"}).json()
    assert whole > 0 and iso["totalCount"] == 0


def test_packages_show_one_day_and_know_only_a_capital_offset(
    sim: HepsiburadaSimulator, ask: Ask, world: Any
) -> None:
    for order in world.orders[:3]:
        sim.change_order(order.id)
    path = f"/packages/merchantid/{M}"
    assert len(ask(path, params={"limit": "2"}).json()) == 2
    first = ask(path, params={"limit": "1"}).json()
    assert ask(path, params={"limit": "1", "offset": "1"}).json() == first
    assert ask(path, params={"limit": "1", "Offset": "1"}).json() != first
    span = {"begindate": "2020-01-01 00:00", "enddate": "2030-01-01 00:00"}
    assert ask(path, params={"limit": "5", **span}).json() == []


def test_another_merchant_is_nobody(ask: Ask) -> None:
    other = M.replace("1", "9")
    assert ask(f"/orders/merchantid/{other}", params=PAGE).status_code == 403


@pytest.mark.parametrize("content", [b"{", b"[]", json.dumps({"lineItemRequests": []}).encode()])
def test_bad_bodies_are_refused(ask: Ask, content: bytes) -> None:
    assert ask(f"/packages/merchantid/{M}", "POST", content=content).status_code == 400


def test_what_was_done_cannot_be_done_again(sim: HepsiburadaSimulator, ask: Ask, world: Any) -> None:
    line = sim.writes.of_order(world.orders[0].number)[0]
    body = {"parcelQuantity": 1, "lineItemRequests": [{"id": line["id"], "quantity": line["quantity"]}]}
    path = f"/packages/merchantid/{M}"
    made = ask(path, "POST", json=body)
    assert made.status_code == 201
    assert ask(path, "POST", json=body).status_code == 409
    invoice = f"{path}/packagenumber/{made.json()['packageNumber']}/invoice"
    link = {"invoiceLink": "https://fatura.example.com/1"}
    assert [ask(invoice, "PUT", json=link).status_code for _ in range(2)] == [204, 409]
    assert ask(f"{path}/packagenumber/1/invoice", "PUT", json=link).status_code == 403
