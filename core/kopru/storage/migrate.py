"""Bringing a database to the present schema."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import kopru
from kopru.hooks.errors import ConfigError
from kopru.model import Text
from kopru.storage import access

LOWEST_SERVER = 160000
INSUFFICIENT_PRIVILEGE = "42501"
_LOCK = sa.text("select pg_advisory_lock(hashtext('kopru-migrations'))")
_UNLOCK = sa.text("select pg_advisory_unlock(hashtext('kopru-migrations'))")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(kopru.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def latest() -> str:
    """Return the newest schema revision this version knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError("no migrations found")
    return head


def current(url: str) -> str | None:
    """Return the database's schema revision, ``None`` when it has none yet."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as db:
            return MigrationContext.configure(db).get_current_revision()
    finally:
        engine.dispose()


def upgrade(url: str) -> str:
    """Make roles and tables, or bring them up to date; safe to call by several processes at once.

    Raises:
        ConfigError: the server is older than PostgreSQL 16, its database is newer than this version, or this
            login may not make the roles.
    """
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as db:
            _check_server(db)
            db.execute(_LOCK)
            try:
                _make_roles(db)
                _migrate(engine)
            finally:
                db.execute(_UNLOCK)
    finally:
        engine.dispose()
    return latest()


def _make_roles(db: sa.Connection) -> None:
    try:
        db.execute(sa.text(access.make_roles()))
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != INSUFFICIENT_PRIVILEGE:
            raise
        raise ConfigError(
            "storage.no_right_to_make_roles",
            Text(
                tr="Bu veritabanı kullanıcısı rol oluşturamıyor. Yetkili bir kullanıcıyla şunun çıktısını "
                "çalıştırın, sonra yeniden deneyin: kopru db upgrade --sql",
                en="This database login may not make roles. Run the output of this as one that may, then try "
                "again: kopru db upgrade --sql",
            ),
            detail=str(error.orig),
        ) from error


def _migrate(engine: sa.Engine) -> None:
    config = _config()
    with engine.execution_options(isolation_level="READ COMMITTED").connect() as db:
        db.execute(sa.text(f"set role {access.OWNER}"))
        db.execute(sa.text("set row_security = off"))
        db.commit()
        config.attributes["connection"] = db
        command.upgrade(config, "head")
        db.commit()


def _check_server(db: sa.Connection) -> None:
    version = int(db.execute(sa.text("show server_version_num")).scalar_one())
    if version < LOWEST_SERVER:
        raise ConfigError(
            "storage.server_too_old",
            Text(
                tr="PostgreSQL 16 ya da daha yenisi gerekir; bu sunucu {version}.",
                en="PostgreSQL 16 or newer is needed; this server is {version}.",
            ).fill(version=version // 10000),
        )
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    found = MigrationContext.configure(db).get_current_revision()
    if found is not None and found not in known:
        raise ConfigError(
            "storage.schema_too_new",
            Text(
                tr="Veritabanı bu sürümden daha yeni. Köprü'yü güncelleyin.",
                en="The database is newer than this version. Update Köprü.",
            ),
            detail=f"revision {found}",
        )
