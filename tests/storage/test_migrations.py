"""The schema: from nothing, again, by several processes at once; the tables are those the code knows."""

import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from kopru.hooks.errors import ConfigError
from kopru.storage import access, migrate
from kopru.storage.store import make_engine
from kopru.storage.tables import metadata

CONSTRAINTS = """
    select conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) from pg_constraint
    where connamespace = current_schema()::regnamespace and conrelid::regclass::text <> 'alembic_version'
"""
INDEXES = """
    select replace(indexdef, current_schema() || '.', '') from pg_indexes
    where schemaname = current_schema() and tablename <> 'alembic_version'
"""
COLUMNS = """
    select table_name, column_name, data_type, numeric_precision, numeric_scale, is_nullable, column_default,
        is_identity
    from information_schema.columns
    where table_schema = current_schema() and table_name <> 'alembic_version'
"""


def rows(db, query):
    return sorted(tuple(map(str, row)) for row in db.execute(sa.text(query)))


def test_from_nothing_and_again(empty_database_url):
    assert migrate.current(empty_database_url) is None
    assert migrate.upgrade(empty_database_url) == migrate.latest()
    assert migrate.current(empty_database_url) == migrate.latest()
    assert migrate.upgrade(empty_database_url) == migrate.latest()


def test_four_processes_at_once(empty_database_url):
    program = "import sys; from kopru.storage.migrate import upgrade; print(upgrade(sys.argv[1]))"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, empty_database_url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    ended = [(*process.communicate(timeout=60), process.returncode) for process in running]
    assert ended == [(f"{migrate.latest()}\n", "", 0)] * 4
    assert migrate.current(empty_database_url) == migrate.latest()


def test_a_newer_database_is_refused(fresh_database_url):
    engine = sa.create_engine(fresh_database_url)
    with engine.begin() as db:
        db.execute(sa.text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ConfigError) as refused:
        migrate.upgrade(fresh_database_url)
    assert refused.value.code == "storage.schema_too_new"
    assert "9999" in refused.value.detail


def test_an_older_server_is_refused(fresh_database_url, monkeypatch):
    monkeypatch.setattr(migrate, "LOWEST_SERVER", 990000)
    with pytest.raises(ConfigError) as refused:
        migrate.upgrade(fresh_database_url)
    assert refused.value.code == "storage.server_too_old"


def test_alembic_sees_no_difference_between_tables_and_schema(engine):
    with engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("query", [COLUMNS, CONSTRAINTS, INDEXES], ids=["columns", "constraints", "indexes"])
def test_the_schema_is_what_the_tables_would_make(engine, query):
    """Alembic overlooks checks, partial indexes and generated columns; the catalogue does not."""
    with engine.connect() as db:
        migrated = rows(db, query)
        db.execute(sa.text("create schema made"))
        db.execute(sa.text("set local search_path = made"))
        metadata.create_all(db)
        made = rows(db, query)
        db.rollback()
    assert migrated == made


def test_owner_and_roles_are_restricted(engine):
    with engine.connect() as db:
        owners = set(
            db.execute(sa.text("select tableowner from pg_tables where schemaname = 'public'")).scalars()
        )
        roles = db.execute(
            sa.text(
                "select rolname, rolsuper or rolbypassrls or rolcanlogin or rolcreaterole or rolcreatedb"
                " from pg_roles where rolname in ('kopru_owner', 'kopru_tenant', 'kopru_engine')"
            )
        ).all()
    assert owners == {access.OWNER}
    assert dict(map(tuple, roles)) == {access.OWNER: False, access.TENANT: False, access.ENGINE: False}


def test_a_blind_data_migration_is_an_error(engine):
    """The owner sees no row of a protected table, and with ``row_security = off`` it is told so."""
    with engine.connect() as db:
        db.execute(sa.text(f"set role {access.OWNER}"))
        assert db.execute(sa.text("select count(*) from tenant")).scalar_one() == 0
        db.execute(sa.text("set row_security = off"))
        with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
            db.execute(sa.text("select count(*) from tenant"))
        db.rollback()


@pytest.fixture
def login(database_url, empty_database_url):
    """A login that owns nothing; yields its address of an empty database and takes it away again."""
    admin = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
    name = f"plain_{sa.make_url(empty_database_url).database}"
    with admin.connect() as db:
        db.execute(sa.text(f"create role {name} login nosuperuser nocreatedb nocreaterole"))
        yield sa.make_url(empty_database_url).set(username=name)
        kopru = f"{access.OWNER}, {access.TENANT}, {access.ENGINE}"
        db.execute(sa.text(f"revoke {kopru} from {name}"))
        db.execute(sa.text(f"drop role {name}"))
    admin.dispose()


def prepare(empty_database_url, *statements):
    """Do what an administrator does with the printed SQL."""
    engine = sa.create_engine(empty_database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        for statement in (access.make_roles(), *statements):
            db.execute(sa.text(statement))
    engine.dispose()


def test_a_plain_login_migrates_and_works(empty_database_url, login, keys):
    prepare(
        empty_database_url,
        f"grant {access.OWNER}, {access.TENANT}, {access.ENGINE} to {login.username}",
    )
    url = login.render_as_string(hide_password=False)
    assert migrate.upgrade(url) == migrate.latest()
    assert migrate.current(url) == migrate.latest()
    assert_works(url, keys)


def test_a_login_without_the_owner_works_on_a_prepared_database(empty_database_url, login, keys):
    prepare(empty_database_url)
    migrate.upgrade(empty_database_url)
    prepare(empty_database_url, f"grant {access.TENANT}, {access.ENGINE} to {login.username}")
    url = login.render_as_string(hide_password=False)
    assert migrate.current(url) == migrate.latest()
    assert_works(url, keys)
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as db:
        for statement in ("drop table event", 'alter table "order" disable row level security'):
            with pytest.raises(sa.exc.ProgrammingError, match="must be owner"):
                db.execute(sa.text(statement))
            db.rollback()


def test_an_unprepared_login_is_told_what_it_lacks(login):
    with pytest.raises(ConfigError, match=r"storage\.no_right_to_make_roles.*permission denied") as told:
        migrate.upgrade(login.render_as_string(hide_password=False))
    assert "kopru db upgrade --sql" in told.value.message.en


def assert_works(url, keys):
    from kopru.flows.records import NewJob
    from kopru.storage.queue import Queue
    from kopru.storage.store import Store

    engine = make_engine(url)
    store = Store(engine, keys)
    tenant = store.add_tenant("plain")
    with store.tenant(tenant) as uow:
        uow.jobs.add(NewJob("some.kind", {}, "key"))
        uow.events.add("test", "tenant", tenant, "tenant.made")
    assert len(Queue(store).due(10)) == 1
    engine.dispose()
