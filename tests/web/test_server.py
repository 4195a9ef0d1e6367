"""Webhook ingress over HTTP: verify, store once, add the work; and whether the installation is well."""

import hashlib
import hmac
import json
import socket
import threading
import uuid
from datetime import UTC, datetime

import httpx
import pytest
import sqlalchemy as sa
from pydantic import BaseModel
from starlette.testclient import TestClient

from kopru.flows.env import Env
from kopru.flows.records import ConnectionRow, ConnectionState
from kopru.hooks.errors import AuthError, ConfigError, Rejected
from kopru.hooks.manifest import Manifest, PluginKind
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import WebhookEvent
from kopru.model import Text
from kopru.registry import Registry
from kopru.registry.discovery import examine
from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Store, make_engine
from kopru.storage.tables import webhook
from kopru.transport.limiter import NoLimiter
from kopru.web import server
from kopru.web.server import LARGEST_BODY, make_app

KEY = b"the shop's own key"


class Config(BaseModel):
    """Nothing to set."""


class Shop:
    """A shop that signs its calls and lists events in them."""

    manifest = Manifest("shop", PluginKind.SHOP, Text(tr="Dükkân", en="Shop"), "1", Config)

    @hookimpl
    def parse_webhook(self, ctx, request):
        if not hmac.compare_digest(signature(request.body), request.headers.get("x-signature", "")):
            raise AuthError("shop.forged")
        try:
            events = json.loads(request.body)
        except ValueError as error:
            raise Rejected("shop.unreadable") from error
        if request.path:
            events.append([f"{request.method} {request.path}", "order", "P1"])
        if events == "break":
            raise ZeroDivisionError
        return tuple(WebhookEvent(*event) for event in events)


class Mute:
    """A shop without webhooks."""

    manifest = Manifest("mute", PluginKind.SHOP, Text(tr="Dilsiz", en="Mute"), "1", Config)

    @hookimpl
    def check_connection(self, ctx):
        raise NotImplementedError


def signature(body):
    return hmac.new(KEY, body, hashlib.sha256).hexdigest()


@pytest.fixture(scope="session")
def engine(database_url):
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def store(engine):
    store = Store(engine, KeyRing(MasterKey.generate()))
    for plugin in ("shop", "mute"):
        store.allow(plugin)
    return store


@pytest.fixture
def env(store):
    registry = Registry([examine("shop", "kopru-shop", Shop()), examine("mute", "kopru-mute", Mute())])
    return Env(store=store, registry=registry, limiter=NoLimiter())


@pytest.fixture
def tenant(store):
    tenant = store.add_tenant(uuid.uuid4().hex)
    with store.tenant(tenant) as uow:
        for plugin in ("shop", "mute"):
            uow.settings.enable(plugin)
    return tenant


@pytest.fixture
def connect(store, tenant):
    """Make a connection of the tenant."""

    def make(name="shop", plugin="shop", state=ConnectionState.ACTIVE):
        row = ConnectionRow(
            uuid.uuid4(), name, plugin, state, {}, 1, datetime(2026, 3, 2, tzinfo=UTC), f"secret-{name}"
        )
        with store.tenant(tenant) as uow:
            uow.connections.save(row)
        return row

    return make


@pytest.fixture
def shop(connect):
    return connect()


@pytest.fixture
def client(env, store):
    return TestClient(make_app(env, store.find_connection), raise_server_exceptions=False)


def send(client, row, events, *, secret=None, signed=None):
    body = json.dumps(events).encode()
    path = f"/in/{row.id}/{secret or row.webhook_secret}"
    return client.post(path, content=body, headers={"X-Signature": signed or signature(body)})


@pytest.fixture
def stored(store, tenant):
    """Return the events that were stored, and the jobs that were added."""

    def read():
        with store.tenant(tenant) as uow:
            events = uow.db.execute(sa.select(webhook.c.event_id).order_by(webhook.c.event_id)).scalars()
            return list(events), {job.key: job for job in uow.jobs.recent()}

    return read


def test_a_verified_call_is_stored_and_becomes_work(client, shop, stored):
    answer = send(client, shop, [["e1", "order", "P1"], ["e2", "order", "P2"]])
    assert (answer.status_code, answer.json()) == (200, {"stored": 2})
    events, jobs = stored()
    assert events == ["e1", "e2"]
    assert set(jobs) == {f"order.refetch:{shop.id}:P1", f"order.refetch:{shop.id}:P2"}
    job = jobs[f"order.refetch:{shop.id}:P1"]
    assert (job.kind, job.state, job.connection_id) == ("order.refetch", "queued", shop.id)
    assert job.args == {"connection": str(shop.id), "kind": "order", "external_id": "P1"}


def test_a_repeated_event_adds_nothing(client, shop, store, tenant, stored):
    send(client, shop, [["e1", "order", "P1"]])
    with store.tenant(tenant) as uow:
        uow.db.execute(sa.text("update job set state = 'done'"))
    for _ in range(3):
        assert send(client, shop, [["e1", "order", "P1"]]).status_code == 200
    events, jobs = stored()
    assert events == ["e1"]
    assert [job.state for job in jobs.values()] == ["done"]


def test_many_events_about_one_order_are_one_job_that_waits(client, shop, stored):
    for number in range(5):
        send(client, shop, [[f"e{number}", "order", "P1"]])
    events, jobs = stored()
    assert len(events) == 5
    assert len(jobs) == 1


def test_the_same_event_at_the_same_time_is_one(client, shop, stored):
    answers, barrier = [], threading.Barrier(6)

    def post():
        barrier.wait()
        answers.append(send(client, shop, [["e1", "order", "P1"]]).status_code)

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [200] * 6
    events, jobs = stored()
    assert events == ["e1"]
    assert len(jobs) == 1


def test_what_is_not_known_and_what_is_not_right_look_alike(client, shop, stored):
    known_wrong = send(client, shop, [], secret="wrong")
    unknown = client.post(f"/in/{uuid.uuid4()}/{shop.webhook_secret}", content=b"[]")
    no_id = client.post(f"/in/not-an-id/{shop.webhook_secret}", content=b"[]")
    foreign = client.post(f"/in/{shop.id}/şifre", content=b"[]")
    answers = {
        (answer.status_code, answer.content, answer.headers["content-type"])
        for answer in (known_wrong, unknown, no_id, foreign)
    }
    assert answers == {(404, b'{"error":"unknown"}', "application/json")}
    assert stored() == ([], {})


def test_a_secret_is_good_for_its_own_connection_only(client, connect):
    first, second = connect("first"), connect("second")
    assert send(client, first, [], secret=second.webhook_secret).status_code == 404


def test_a_forged_call_is_refused_and_harms_nothing(client, shop, store, tenant, stored):
    answer = send(client, shop, [["e1", "order", "P1"]], signed="0" * 64)
    assert (answer.status_code, answer.json()) == (401, {"error": "not verified"})
    assert stored() == ([], {})
    with store.tenant(tenant) as uow:
        assert uow.connections.get(shop.id).state is ConnectionState.ACTIVE, "a stranger switched it off"


def test_a_call_that_makes_no_sense_is_refused(client, shop):
    body = b"\xff{"
    answer = client.post(
        f"/in/{shop.id}/{shop.webhook_secret}", content=body, headers={"X-Signature": signature(body)}
    )
    assert (answer.status_code, answer.json()) == (400, {"error": "shop.unreadable"})


def test_a_plugin_that_breaks_lets_the_sender_try_again(client, shop, stored):
    answer = send(client, shop, "break")
    assert (answer.status_code, answer.json()) == (503, {"error": "shop.bug"})
    assert stored() == ([], {})


def test_a_plugin_without_webhooks_takes_none(client, connect):
    answer = send(client, connect("mute", "mute"), [])
    assert (answer.status_code, answer.json()) == (503, {"error": "plugin.unsupported"})


@pytest.mark.parametrize("state", [ConnectionState.PAUSED, ConnectionState.NEEDS_REAUTH])
def test_a_connection_that_rests_still_takes_hints(client, connect, stored, state):
    """Its jobs wait until it goes on; a shop that gets errors for days stops sending."""
    row = connect("resting", state=state)
    assert send(client, row, [["e1", "order", "P1"]]).status_code == 200
    assert stored()[0] == ["e1"]


@pytest.mark.parametrize("size", [LARGEST_BODY, LARGEST_BODY + 1])
def test_a_body_that_is_too_large_is_refused(client, shop, size):
    body = b"[" + b" " * (size - 2) + b"]"
    answer = client.post(
        f"/in/{shop.id}/{shop.webhook_secret}", content=body, headers={"X-Signature": signature(body)}
    )
    expected = (200, {"stored": 0}) if size <= LARGEST_BODY else (413, {"error": "body too large"})
    assert (answer.status_code, answer.json()) == expected


@pytest.mark.parametrize(("method", "status"), [("POST", 201), ("PUT", 204)])
def test_a_call_below_the_address_is_taken_with_its_method_and_path(client, shop, stored, method, status):
    path = f"/in/{shop.id}/{shop.webhook_secret}/orders/7/address"
    answer = client.request(method, path, content=b"[]", headers={"X-Signature": signature(b"[]")})
    assert answer.status_code == status
    assert stored()[0] == [f"{method} /orders/7/address"]


def test_only_post_is_taken(client, shop):
    assert client.get(f"/in/{shop.id}/{shop.webhook_secret}").status_code == 405


def test_nothing_is_stored_when_the_work_cannot_be_added(client, shop, stored, monkeypatch):
    """Event and job are one transaction: otherwise the repeat would be taken for known."""

    def refuse(connection_id, event):
        raise ConfigError("no.work")

    with monkeypatch.context() as patch:
        patch.setattr(server, "_refetch", refuse)
        assert send(client, shop, [["e1", "order", "P1"]]).status_code == 500
    assert stored() == ([], {})
    assert send(client, shop, [["e1", "order", "P1"]]).status_code == 200
    assert stored()[0] == ["e1"]


# Health and outages


@pytest.fixture
def away(env):
    """The application of an installation whose database cannot be reached."""
    engine = make_engine("postgresql+psycopg://nobody@/none?host=/nowhere")
    store = Store(engine, KeyRing(MasterKey.generate()))
    app = make_app(Env(store=store, registry=env.registry, limiter=NoLimiter()), store.find_connection)
    yield TestClient(app, raise_server_exceptions=False)
    engine.dispose()


def test_health(client, away):
    up, down = client.get("/health"), away.get("/health")
    assert (up.status_code, up.json()) == (200, {"status": "up"})
    assert (down.status_code, down.json()) == (503, {"status": "down", "error": "OperationalError"})


def test_without_a_database_the_sender_is_asked_to_try_again(away, shop):
    answer = send(away, shop, [])
    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert "nowhere" not in answer.text


# The real server


@pytest.fixture
def address(env, store):
    """A server in a thread, as the web process runs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    stopping = threading.Event()
    arguments = (env, store.find_connection, "127.0.0.1", port, stopping)
    thread = threading.Thread(target=server.serve, args=arguments)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    stopping.set()
    thread.join(30)
    assert not thread.is_alive()


def test_served_for_real(address, shop, stored):
    transport = httpx.HTTPTransport(retries=8)
    with httpx.Client(base_url=address, transport=transport, timeout=20) as client:
        assert client.get("/health").json() == {"status": "up"}
        assert send(client, shop, [["e1", "order", "P1"]]).status_code == 200
        large = client.post(f"/in/{shop.id}/{shop.webhook_secret}", content=b" " * (LARGEST_BODY + 1))
        assert large.status_code == 413
        assert client.get("/health").status_code == 200
    assert stored()[0] == ["e1"]
