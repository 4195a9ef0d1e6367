"""The ready context: the real transport, with whatever a test wants to listen to."""

import time

import pytest
from pydantic import ValidationError

from kopru.sdk import RateLimited
from kopru.testing.broken.bazaar import KEY, BazaarSimulator
from kopru.testing.broken.shop import shop
from kopru.testing.context import seconds_left
from kopru.testing.context import test_ctx as make_ctx
from kopru.testing.contract.session import Events, Exchanges
from kopru.transport.http import Limits
from kopru.transport.limiter import LocalLimiter


def test_exchanges_and_events_can_be_listened_to() -> None:
    exchanges, events = Exchanges(), Events()
    with BazaarSimulator() as simulator:
        ctx = make_ctx(shop, simulator.config(), recorder=exchanges, log=events)
        ctx.log.info("shop.checked", key=KEY)
        assert shop.check_connection(ctx).ok
    (exchange,) = exchanges.kept
    assert (exchange.method, exchange.status) == ("GET", 200)
    assert [event.text for event in events.kept] == ["shop.checked"]
    assert KEY not in f"{exchange} {events.kept}"


def test_a_limiter_keeps_the_plugins_quotas() -> None:
    with BazaarSimulator() as simulator:
        ctx = make_ctx(shop, simulator.config(), limiter=LocalLimiter(), limits=Limits(patience=0))
        calls = 0
        with pytest.raises(RateLimited):
            for calls in range(200):  # noqa: B007
                ctx.http.request("GET", "/orders", headers={"x-key": KEY})
        assert 5 <= calls <= 15, "a tenth of the stated hundred calls is the burst"


def test_settings_are_validated() -> None:
    with pytest.raises(ValidationError):
        make_ctx(shop, {"url": "nonsense"})


def test_the_time_left_counts_down() -> None:
    remaining = seconds_left(10)
    before = remaining()
    time.sleep(0.02)
    assert 0 < remaining() < before <= 10
