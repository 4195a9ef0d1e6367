"""Quotas are taken before a call, and learn from 429."""

from datetime import timedelta

import pytest

from kopru.hooks.errors import RateLimited
from kopru.hooks.manifest import Quota

ALL = Quota("all", 50, timedelta(seconds=10))
ORDERS = Quota("orders", 5, timedelta(seconds=60), method="GET", path="^/api/orders")
WRITES = Quota("writes", 100, timedelta(seconds=1), method="POST", scope="account")
QUOTAS = (ALL, WRITES, ORDERS)


class Limiter:
    """Refuses the waits it was told, in order, and notes what it was asked."""

    def __init__(self, *waits: float | None) -> None:
        self.waits = list(waits)
        self.taken: list[tuple[str, str]] = []
        self.penalties: list[tuple[str, float | None]] = []

    def acquire(self, scope: str, quota: Quota) -> None:
        if self.waits:
            raise RateLimited("limit.quota", retry_after=self.waits.pop(0), scope=quota.name)
        self.taken.append((scope, quota.name))

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        self.penalties.append((quota.name, retry_after))


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("GET", "orders", ["orders", "all"]),
        ("GET", "orders?page=2", ["orders", "all"]),
        ("GET", "products", ["all"]),
        ("POST", "orders", ["all", "writes"]),
        ("post", "products/orders", ["all", "writes"]),
    ],
)
def test_a_call_counts_for_each_quota_it_matches(serve, client, scripts, method, path, names) -> None:
    """The longest period is asked first."""
    server = serve(scripts.answering(scripts.status(200)))
    limiter = Limiter()
    scopes = {"connection": "c:1", "account": "a:1"}
    client(server.url + "/api", quotas=QUOTAS, limiter=limiter, scopes=scopes).request(method, path)
    assert [name for _, name in limiter.taken] == names
    assert all(scope == ("a:1" if name == "writes" else "c:1") for scope, name in limiter.taken)


def test_short_waits_are_waited_here(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    limiter = Limiter(0.2, 0.3)
    client(server, quotas=(ALL,), limiter=limiter).request("POST", "x")
    assert client.pauses == [0.2, 0.3]
    assert len(server.requests) == 1


@pytest.mark.parametrize("waits", [(5.0,), (None,), (0.6, 0.6)])
def test_long_waits_go_back_to_the_engine(serve, client, scripts, waits) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    with pytest.raises(RateLimited) as caught:
        client(server, quotas=(ALL,), limiter=Limiter(*waits)).request("GET", "x")
    assert caught.value.scope == "all"
    assert server.connections == 0


def test_no_wait_beyond_the_deadline(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    http = client(server, quotas=(ALL,), limiter=Limiter(0.5), remaining=lambda: 0.4)
    with pytest.raises(RateLimited):
        http.request("GET", "x")
    assert client.pauses == []


def test_each_try_and_each_redirect_counts(serve, client, scripts) -> None:
    server = serve(
        scripts.answering(scripts.status(503), scripts.status(302, location="/y"), scripts.status(200))
    )
    limiter = Limiter()
    client(server, quotas=(ALL,), limiter=limiter).request("GET", "x")
    assert len(limiter.taken) == len(server.requests) == 3


def test_a_429_is_fed_back(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(429, retry_after="7"), scripts.status(429)))
    limiter = Limiter()
    http = client(server.url + "/api", quotas=QUOTAS, limiter=limiter)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            http.request("GET", "orders")
        assert caught.value.scope == "orders"
    assert limiter.penalties == [("orders", 7), ("all", 7), ("orders", None), ("all", None)]


def test_an_accepted_429_is_fed_back_too(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(429)))
    limiter = Limiter()
    assert client(server, quotas=(ALL,), limiter=limiter).request("GET", "x", accept={429}).status == 429
    assert limiter.penalties == [("all", None)]


def test_a_dry_run_takes_nothing(serve, client, scripts) -> None:
    limiter = Limiter()
    http = client("http://127.0.0.1:1", quotas=(ALL,), limiter=limiter, dry_run=True)
    with pytest.raises(Exception, match="dry run"):
        http.request("POST", "x")
    assert limiter.taken == []
