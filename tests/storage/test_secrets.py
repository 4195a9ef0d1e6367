"""Secrets: readable by nobody without the master key, bound to their place, movable to a new master key."""

import base64
import io
import threading
import uuid

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from kopru.hooks.errors import ConfigError
from kopru.storage.secrets import Envelope, KeyRing, MasterKey
from kopru.storage.store import Store
from kopru.storage.tables import metadata

CANARY = "kanarya-7f3a91"


def dump(url):
    """Return every row of every table as text, as a backup would hold it."""
    parts = make_url(url)
    out = io.BytesIO()
    with (
        psycopg.connect(host=parts.query["host"], user=parts.username, dbname=parts.database) as db,
        db.cursor() as cursor,
    ):
        for table in metadata.tables:
            with cursor.copy(f'copy "{table}" to stdout') as rows:
                for part in rows:
                    out.write(part)
    return out.getvalue()


def forms(secret):
    """Return how a text may hide: as it is, in hexadecimal (bytea), in base64."""
    raw = secret.encode()
    encoded = [base64.b64encode(b"x" * skip + raw)[4:-4] for skip in range(3)]
    return [raw, raw.hex().encode(), *encoded]


def test_secrets_are_not_in_a_dump_of_the_database(desk, database_url, master_key):
    with desk.open() as uow:
        uow.connections.put_secrets(desk.shop.id, {"api_key": CANARY, "other": f"{CANARY}-2"})
        uow.connections.save(desk.shop)
        uow.settings.store("in clear: visible")
    rows = dump(database_url)
    assert b"in clear: visible" in rows, "the dump holds what is stored in clear"
    for form in (*forms(CANARY), *forms(master_key.to_text()), master_key.raw.hex().encode()):
        assert form not in rows
    with desk.open() as uow:
        assert uow.connections.secrets(desk.shop.id) == {"api_key": CANARY, "other": f"{CANARY}-2"}


def test_the_same_secret_is_stored_differently_each_time(desk, superuser):
    with desk.open() as uow:
        uow.connections.put_secrets(desk.shop.id, {"one": CANARY, "two": CANARY})
    with superuser() as db:
        stored = db.execute(
            sa.text("select ciphertext from secret where tenant_id = :id"), {"id": desk.id}
        ).scalars()
        assert len(set(stored)) == 2


def test_a_secret_is_replaced_and_others_stay(desk):
    with desk.open() as uow:
        uow.connections.put_secrets(desk.shop.id, {"a": "1", "b": "2"})
        uow.connections.put_secrets(desk.shop.id, {"b": "3"})
        assert uow.connections.secrets(desk.shop.id) == {"a": "1", "b": "3"}


MOVES = {
    "another name": "update secret set name = 'b' where tenant_id = :mine",
    "another connection": "update secret as s set connection_id = :second where tenant_id = :mine",
    "another tenant": "update secret set ciphertext = (select ciphertext from secret where tenant_id = :other"
    " and name = 'a') where tenant_id = :mine and name = 'a'",
    "damaged": "update secret set ciphertext = set_byte(ciphertext, 20, get_byte(ciphertext, 20) # 1)"
    " where tenant_id = :mine and name = 'a'",
    "cut": "update secret set ciphertext = substr(ciphertext, 1, 13) where tenant_id = :mine and name = 'a'",
    "empty": "update secret set ciphertext = '' where tenant_id = :mine and name = 'a'",
}


@pytest.mark.parametrize("how", MOVES)
def test_a_secret_opens_in_its_own_place_only(new_desk, make, superuser, how):
    mine, other = new_desk(), new_desk()
    second = make.connection("second")
    with mine.open() as uow:
        uow.connections.save(second)
        uow.connections.put_secrets(mine.shop.id, {"a": "1"})
    with other.open() as uow:
        uow.connections.save(make.connection("same", id=mine.shop.id))
        uow.connections.put_secrets(mine.shop.id, {"a": "9"})
    statement = sa.text(MOVES[how])
    values = {"mine": mine.id, "other": other.id, "second": second.id}
    with superuser() as db:
        db.execute(statement, {name: values[name] for name in statement._bindparams})
    place = second.id if how == "another connection" else mine.shop.id
    with pytest.raises(ConfigError) as refused, mine.open() as uow:
        uow.connections.secrets(place)
    assert refused.value.code == "secrets.cannot_open"


def test_a_tenants_wrapped_key_is_of_no_use_to_another(new_desk, store, superuser, engine, keys):
    mine, other = new_desk(), new_desk()
    with mine.open() as uow:
        uow.connections.put_secrets(mine.shop.id, {"a": "1"})
    with superuser() as db:
        db.execute(
            sa.text(
                "update tenant set wrapped_key = (select wrapped_key from tenant where id = :other)"
                " where id = :mine"
            ),
            {"mine": mine.id, "other": other.id},
        )
    with pytest.raises(ConfigError) as refused, Store(engine, keys).tenant(mine.id) as uow:
        uow.connections.secrets(mine.shop.id)
    assert refused.value.code == "secrets.cannot_open"


def test_another_master_key_opens_nothing_and_says_which_is_missing(desk, engine, master_key):
    with desk.open() as uow:
        uow.connections.put_secrets(desk.shop.id, {"a": "1"})
    stranger = Store(engine, KeyRing(MasterKey.generate()))
    with pytest.raises(ConfigError) as refused, stranger.tenant(desk.id) as uow:
        uow.connections.secrets(desk.shop.id)
    assert refused.value.code == "secrets.unknown_master_key"
    assert master_key.id in refused.value.detail
    assert master_key.to_text() not in str(refused.value)


# A new master key. These tests have a database of their own: the key is that of all tenants.


@pytest.fixture
def own(fresh_database_url):
    from kopru.storage.store import make_engine

    engine = make_engine(fresh_database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def old_key():
    return MasterKey.generate()


@pytest.fixture
def filled(own, old_key, make):
    """Three tenants with a secret each, under the old key."""
    store = Store(own, KeyRing(old_key))
    shops = {}
    for slug in ("a", "b", "c"):
        tenant, shop = store.add_tenant(slug), make.connection()
        with store.tenant(tenant) as uow:
            uow.connections.save(shop)
            uow.connections.put_secrets(shop.id, {"key": f"secret of {slug}"})
        shops[tenant] = shop.id
    return shops


def secrets_of(store, shops):
    found = []
    for tenant, shop in shops.items():
        with store.tenant(tenant) as uow:
            found.append(uow.connections.secrets(shop)["key"])
    return found


SECRETS = ["secret of a", "secret of b", "secret of c"]


def test_a_new_master_key_takes_over(own, old_key, filled):
    new = MasterKey.generate()
    both = Store(own, KeyRing(new, old_key))
    assert secrets_of(both, filled) == SECRETS, "before the rotation"
    assert both.rotate_master_key() == 3
    assert both.rotate_master_key() == 0
    assert secrets_of(Store(own, KeyRing(new)), filled) == SECRETS
    with pytest.raises(ConfigError) as refused:
        secrets_of(Store(own, KeyRing(old_key)), filled)
    assert refused.value.code == "secrets.unknown_master_key"


def test_processes_with_the_old_key_go_on_while_it_changes(own, old_key, filled):
    """A worker that unwrapped a tenant's key before keeps working, and what it writes can be read after."""
    worker = Store(own, KeyRing(old_key))
    assert secrets_of(worker, filled) == SECRETS
    new = MasterKey.generate()
    failures = []
    rotated = threading.Event()

    def work():
        after = 0
        while after < 5:
            after += rotated.is_set()
            try:
                for tenant, shop in filled.items():
                    with worker.tenant(tenant) as uow:
                        value = uow.connections.secrets(shop)["key"]
                        uow.connections.put_secrets(shop, {"key": value})
            except ConfigError as error:
                failures.append(error)
                return

    thread = threading.Thread(target=work)
    thread.start()
    assert Store(own, KeyRing(new, old_key)).rotate_master_key() == 3
    rotated.set()
    thread.join(30)
    assert failures == []
    assert secrets_of(Store(own, KeyRing(new)), filled) == SECRETS


def test_rotation_without_the_old_key_changes_nothing(own, old_key, filled):
    with pytest.raises(ConfigError) as refused:
        Store(own, KeyRing(MasterKey.generate())).rotate_master_key()
    assert refused.value.code == "secrets.unknown_master_key"
    assert secrets_of(Store(own, KeyRing(old_key)), filled) == SECRETS


# Keys as text


def test_a_master_key_is_written_and_read():
    key = MasterKey.generate()
    assert MasterKey.from_text(f"  {key.to_text()}\n") == key
    assert MasterKey.generate() != key
    assert key.id == MasterKey(key.raw).id
    assert key.to_text() not in key.id


@pytest.mark.parametrize(
    "text", ["", "short", "AAAA", "ş" * 44, base64.b64encode(b"x" * 33).decode(), "!" * 44]
)
def test_what_is_no_master_key_is_refused(text):
    with pytest.raises(ConfigError) as refused:
        MasterKey.from_text(text)
    assert refused.value.code == "secrets.bad_master_key"


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_every_text_comes_back_from_its_place(text, place):
    envelope = Envelope(b"k" * 32, uuid.UUID(int=1))
    sealed = envelope.seal(text, place)
    assert envelope.open(sealed, place) == text
    with pytest.raises(ConfigError):
        envelope.open(sealed, f"{place}'")
    with pytest.raises(ConfigError):
        Envelope(b"k" * 32, uuid.UUID(int=2)).open(sealed, place)
