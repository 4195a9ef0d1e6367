"""A keeper starts its servers again, whatever kills them, and nothing that was committed is lost."""

import threading
import time

import psycopg
import pytest
import redis
from sqlalchemy.engine import make_url

from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers import Keeper, connect, status
from kopru.runtime.servers.locks import FileLock, wait_until
from kopru.settings import Settings


def pid_of(settings: Settings, name: str) -> int | None:
    return next(server.pid for server in status(settings).servers if server.name == name)


def guard_of(settings: Settings, name: str) -> int | None:
    return FileLock(settings.home / name / "guard.lock").holder()


def answers(url: str) -> bool:
    parts = make_url(url)
    try:
        with psycopg.connect(host=parts.query["host"], user="kopru", dbname="kopru") as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def rings(url: str) -> bool:
    with redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture
def keeper(settings):
    with Keeper(settings) as keeper:
        yield keeper


@pytest.mark.parametrize("victim", ["postmaster", "guard"])
def test_postgresql_is_started_again_at_the_same_address(keeper, settings, sql, mark, kill, victim):
    url = keeper.endpoints.database_url
    sql(url, f"CREATE TABLE {mark} (value int)")
    before = pid_of(settings, "postgres")
    kill(before if victim == "postmaster" else guard_of(settings, "postgres"))
    assert wait_until(lambda: pid_of(settings, "postgres") not in {None, before} and answers(url), 30)
    assert sql(url, f"SELECT count(*) FROM {mark}") == 0
    assert keeper.trouble is None


def test_postgresql_gets_over_a_killed_backend(keeper, settings, sql, mark, kill):
    url = keeper.endpoints.database_url
    sql(url, f"CREATE TABLE {mark} (value int)")
    before = pid_of(settings, "postgres")
    kill(sql(url, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"))
    assert wait_until(lambda: answers(url), 30)
    assert sql(url, f"SELECT count(*) FROM {mark}") == 0
    assert pid_of(settings, "postgres") == before


@pytest.mark.parametrize("victim", ["server", "guard"])
def test_valkey_is_started_again_at_the_same_address(keeper, settings, kill, victim):
    url = keeper.endpoints.redis_url
    before = pid_of(settings, "valkey")
    kill(before if victim == "server" else guard_of(settings, "valkey"))
    assert wait_until(lambda: pid_of(settings, "valkey") not in {None, before} and rings(url), 30)


def test_both_at_once(keeper, settings, kill):
    for name in ("postgres", "valkey"):
        kill(pid_of(settings, name))
    assert wait_until(
        lambda: answers(keeper.endpoints.database_url) and rings(keeper.endpoints.redis_url), 30
    )


def test_a_start_that_fails_is_tried_until_it_works(keeper, settings, kill):
    control = settings.home / "postgres" / "data" / "global" / "pg_control"
    hidden = control.with_name("pg_control.away")
    before = pid_of(settings, "postgres")
    control.rename(hidden)
    kill(before)
    log = settings.home / "logs" / "postgres.log"
    assert wait_until(lambda: "pg_control" in log.read_text(), 30)
    hidden.rename(control)
    assert wait_until(lambda: answers(keeper.endpoints.database_url), 40)
    assert keeper.trouble is None


def test_a_server_that_stays_down_is_reported_and_tried_on(settings, monkeypatch, kill):
    from kopru.runtime.servers import keeper as module

    monkeypatch.setattr(module, "RETRY_FOR", 0.5)
    monkeypatch.setattr(module, "_SLOWEST_RETRY", 0.5)
    with Keeper(settings) as keeper:
        control = settings.home / "postgres" / "data" / "global" / "pg_control"
        hidden = control.with_name("pg_control.away")
        control.rename(hidden)
        kill(pid_of(settings, "postgres"))
        assert wait_until(lambda: keeper.trouble is not None, 30)
        assert keeper.trouble.code == "runtime.server.failed"
        hidden.rename(control)
        assert wait_until(lambda: answers(keeper.endpoints.database_url), 30)
        assert wait_until(lambda: keeper.trouble is None, 10)


def test_the_first_start_is_tried_for_a_while_and_then_told(settings, monkeypatch):
    from kopru.runtime.servers import keeper as module

    with connect(settings):
        pass
    monkeypatch.setattr(module, "RETRY_FOR", 1.0)
    control = settings.home / "postgres" / "data" / "global" / "pg_control"
    hidden = control.with_name("pg_control.away")
    control.rename(hidden)
    try:
        with pytest.raises(RuntimeProblem) as caught, Keeper(settings):
            pass
    finally:
        hidden.rename(control)
    assert caught.value.code == "runtime.server.failed"
    assert (settings.home / "logs" / "postgres.log").read_text().count("pg_control") > 1
    assert status(settings).keeper is None


def test_a_second_keeper_is_told_who_is_at_work(settings, user):
    first = user("keep")
    first.endpoints()
    with pytest.raises(RuntimeProblem) as caught, Keeper(settings):
        pass
    assert caught.value.code == "runtime.up.running"
    assert str(first.process.pid) in caught.value.message.en


def test_a_keeper_takes_over_servers_that_run_already(settings, user, kill):
    other = user()
    other.endpoints()
    before = pid_of(settings, "postgres")
    with Keeper(settings) as keeper:
        assert pid_of(settings, "postgres") == before
        other.leave()
        assert answers(keeper.endpoints.database_url)
        kill(before)
        assert wait_until(lambda: pid_of(settings, "postgres") not in {None, before}, 30)


def test_a_clean_end_stops_the_servers(settings):
    with Keeper(settings):
        pids = [pid_of(settings, "postgres"), pid_of(settings, "valkey")]
    assert None not in pids
    assert not any(server.running for server in status(settings).servers)
    assert status(settings).keeper is None


def test_an_end_in_the_middle_of_a_restart_is_clean(settings, kill):
    with Keeper(settings):
        kill(pid_of(settings, "postgres"))
        time.sleep(0.3)
    assert not any(server.running for server in status(settings).servers)
    assert not any(thread.name == "server-keeper" for thread in threading.enumerate())


def test_a_killed_keeper_leaves_nothing_behind_and_the_next_one_recovers(settings, user, sql, mark, ends):
    first = user("keep")
    found = first.endpoints()
    sql(found["database_url"], f"CREATE TABLE {mark} (value int)")
    pids = [pid_of(settings, "postgres"), pid_of(settings, "valkey")]
    first.kill()
    with Keeper(settings) as keeper:
        assert all(ends(pid) for pid in pids)
        assert keeper.endpoints.database_url == found["database_url"]
        assert sql(found["database_url"], f"SELECT count(*) FROM {mark}") == 0


def test_only_given_servers_need_no_keeping(fresh):
    given = fresh.model_copy(
        update={"database_url": "postgresql+psycopg://db/k", "redis_url": "redis://r:6379/0"}
    )
    with Keeper(given) as keeper:
        assert keeper.endpoints.redis_url == "redis://r:6379/0"
    assert not (fresh.home / "postgres").exists()
