"""Long quotas hold across threads and by the database's clock."""

import threading
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kopru.hooks.errors import RateLimited
from kopru.hooks.manifest import Quota
from kopru.storage.rates import RateWindow
from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Store, make_engine
from kopru.transport.limiter import WindowLimiter


@pytest.fixture
def window(database_url):
    engine = make_engine(database_url)
    yield RateWindow(Store(engine, KeyRing(MasterKey.generate())))
    engine.dispose()


def quota(calls, seconds=60.0):
    return Quota(f"q-{uuid.uuid4().hex}", calls, timedelta(seconds=seconds))


def test_threads_together_never_take_more_than_the_quota(window):
    limit, taken = quota(5), []

    def ask():
        taken.extend(window.take("shop", limit) for _ in range(4))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0 for wait in taken) == 5
    assert all(50 < wait <= 62 for wait in taken if wait)


def test_scopes_and_quotas_do_not_share_calls(window):
    one, other = quota(1), quota(1)
    assert window.take("a", one) == 0
    assert window.take("b", one) == 0
    assert window.take("a", other) == 0
    assert window.take("a", one) > 0


def test_a_call_is_free_again_after_the_window(window):
    short = quota(1, seconds=1.2)
    assert window.take("a", short) == 0
    wait = window.take("a", short)
    assert 0 < wait < 1.5
    threading.Event().wait(wait + 0.05)
    assert window.take("a", short) == 0


def test_a_refusal_of_the_remote_blocks_for_as_long_as_it_said(window):
    limit = quota(100)
    limiter = WindowLimiter(window)
    limiter.penalize("a", limit, 30.0)
    with pytest.raises(RateLimited) as refused:
        limiter.acquire("a", limit)
    assert 25 < refused.value.retry_after <= 30


def taken(window, limit):
    return sum(window.take("a", limit) == 0 for _ in range(limit.calls + 5))


def test_a_refusal_halves_what_every_process_may_take(window):
    """Once a period, however many calls were refused; the real window is shared by all."""
    limit = quota(40)
    limiter = WindowLimiter(window)
    threads = [threading.Thread(target=limiter.penalize, args=("a", limit, 0.0)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken(window, limit) == 20


def test_the_rest_comes_back_slowly(window, database_url):
    limit = quota(40)
    window.slow("a", limit, 0.0)
    admin = sa.create_engine(database_url, poolclass=sa.NullPool)
    with admin.begin() as db:
        moved = (
            "update rate_window set bucket = bucket - interval '3 minutes 1 second' where quota like :like"
        )
        db.execute(sa.text(moved), {"like": f"{limit.name}%"})
    assert taken(window, limit) == 26, "65 percent"
    window.slow("a", limit, 0.0)
    with admin.begin() as db:
        percent = "select calls from rate_window where quota = :name"
        assert db.execute(sa.text(percent), {"name": f"{limit.name}:slowed"}).scalars().all() == [32]
