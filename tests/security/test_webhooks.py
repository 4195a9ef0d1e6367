"""Calls from outside, to the web process of a running installation."""

import json
import time
import uuid

import httpx
import pytest


@pytest.fixture(scope="module")
def door(story):
    """Where Trendyol would call, and the key it would bring."""
    (path,) = [story.at.json("connection", "show", "trendyol")["webhook_path"]]
    key = story.remotes["trendyol"].webhook_key
    with httpx.Client(base_url=f"http://127.0.0.1:{story.at.port}", timeout=20) as client:
        until = time.monotonic() + 30
        while True:
            try:
                assert client.get("/health").status_code == 200
                break
            except httpx.TransportError:
                assert time.monotonic() < until
                time.sleep(0.2)

        def call(body, *, path=path, key=key):
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            # Header values are bytes; the key has letters beyond ASCII.
            headers = {"x-api-key": key.encode()} if key is not None else {}
            return client.post(path, content=content, headers=headers)

        call.path = path
        yield call


@pytest.fixture
def refetches(story):
    def read():
        return [row for row in story.at.json("jobs", "list") if row["kind"] == "order.refetch"]

    return read


def package(number, **changes):
    """A made-up notice in the documented shape."""
    return {
        "shipmentPackageId": number,
        "lastModifiedDate": 1772436600000,
        "status": "Created",
        "shipmentPackageStatus": "Created",
        **changes,
    }


@pytest.mark.parametrize(
    "how",
    ["another secret", "another connection", "no connection", "secret of another letter case", "dots"],
)
def test_a_call_to_a_wrong_address_is_not_read(door, how, refetches):
    _, place, connection, secret = door.path.split("/")
    wrong = {
        "another secret": f"/{place}/{connection}/{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}",
        "another connection": f"/{place}/{uuid.uuid4()}/{secret}",
        "no connection": f"/{place}/x/{secret}",
        "secret of another letter case": f"/{place}/{connection}/{secret.swapcase()}",
        "dots": f"/{place}/{connection}/%2e%2e/{secret}",
    }[how]
    before = len(refetches())
    assert door(package(3_400_000_001), path=wrong).status_code == 404
    assert len(refetches()) == before


@pytest.mark.parametrize("key", [None, "", "knr3-WebhookAnahtari<y>", "knr3-WebhookAnahtari<x> ", "knr3"])
def test_a_forged_call_changes_nothing(door, key, refetches, story):
    before = len(refetches())
    given = key if key != "knr3-WebhookAnahtari<x> " else "knr3-WebhookAnahtari<x>x"
    answer = door(package(3_400_000_001), key=given)
    assert (answer.status_code, answer.json()) == (401, {"error": "not verified"})
    assert len(refetches()) == before
    (row,) = [each for each in story.at.json("connection", "list") if each["name"] == "trendyol"]
    assert row["state"] == "active", "a stranger switched the connection off"


def test_a_call_only_points_and_a_replay_points_nowhere(door, refetches, story):
    """The order is read again from its source; what the call says of it is not believed."""
    before = {row["id"] for row in refetches()}
    claim = package(3_400_000_002, status="Cancelled", shipmentPackageStatus="Cancelled", totalPrice=0.01)
    assert door(claim).status_code == 200
    made = [row for row in refetches() if row["id"] not in before]
    assert [row["args"]["external_id"] for row in made] == ["3400000002"]
    story.at.wait(lambda: all(row["state"] == "done" for row in refetches()), 60)
    for _ in range(3):
        assert door(claim).status_code == 200
    assert len(refetches()) == len(before) + 1
    (order,) = [row for row in story.at.json("orders", "list") if row["external_id"] == "3400000002"]
    assert order["status"] != "cancelled"
    assert order["total"] != "0.01"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'"text"', b"\x00" * 100])
def test_a_call_that_cannot_be_read_is_refused_quietly(door, body, story):
    answer = door(body)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json() == {"stored": 0}


def test_a_large_call_is_cut_off(door):
    assert door(b" " * 5_000_001).status_code == 413


def test_the_secret_address_is_in_no_log(door, story):
    secret = door.path.rpartition("/")[2]
    assert secret.encode() not in story.at.log.read_bytes()
    assert b"WebhookAnahtar" not in story.at.log.read_bytes()
