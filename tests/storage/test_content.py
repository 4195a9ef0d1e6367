"""Payloads and archive: stored once per content, given back byte for byte, damage noticed."""

import hashlib
import threading
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from kopru.hooks.types import Raw
from kopru.model import Rendered
from kopru.storage.tables import payload


def put(desk, *records, kind="order"):
    with desk.open() as uow:
        return uow.payloads.put(desk.shop.id, kind, records)


def stored(desk):
    with desk.open() as uow:
        return uow.db.execute(sa.select(sa.func.count()).select_from(payload)).scalar_one()


def test_a_payload_is_stored_once_per_content(desk):
    first, other, again = put(desk, ("P1", Raw(b"a")), ("P1", Raw(b"b")), ("P1", Raw(b"a")))
    assert first == again != other
    assert put(desk, ("P1", Raw(b"a"))) == [first]
    assert stored(desk) == 2


def test_the_same_content_of_other_records_is_stored_for_each(desk, make):
    ids = {
        *put(desk, ("P1", Raw(b"a")), ("P2", Raw(b"a"))),
        *put(desk, ("P1", Raw(b"a")), kind="return"),
    }
    assert len(ids) == 3


def test_nothing_is_stored_for_no_records(desk):
    assert put(desk) == []


@settings(max_examples=30)
@given(st.binary(max_size=4000), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_a_payload_comes_back_byte_for_byte(desk, content, media_type):
    (payload_id,) = put(desk, (str(uuid.uuid4()), Raw(content, media_type)))
    with desk.open() as uow:
        assert uow.payloads.get(payload_id) == Raw(content, media_type)


def test_many_transactions_storing_the_same_records_do_not_block_each_other_for_ever(desk):
    """Each stores the same forty records in its own order; in no order would they wait in a circle."""
    records = [(f"P{number}", Raw(b"same")) for number in range(40)]
    barrier = threading.Barrier(6)

    def store(shift):
        barrier.wait()
        turned = records[shift * 7 :] + records[: shift * 7]
        return sorted(put(desk, *turned))

    with ThreadPoolExecutor(6) as pool:
        results = [each.result(30) for each in [pool.submit(store, shift) for shift in range(6)]]
    assert all(result == results[0] for result in results)
    assert stored(desk) == 40


def test_the_archive_stores_by_content(desk):
    document = Rendered(content=b"<Invoice/>" * 100, filename="AAA2026000000001.xml")
    with desk.open() as uow:
        digest = uow.archive.put(document)
        assert uow.archive.put(document) == digest == hashlib.sha256(document.content).hexdigest()
        assert uow.archive.get(digest) == document
        assert uow.archive.get("0" * 64) is None


def test_what_was_archived_first_stays(desk):
    with desk.open() as uow:
        digest = uow.archive.put(Rendered(content=b"same", filename="first.xml"))
        uow.archive.put(Rendered(content=b"same", filename="second.pdf", media_type="application/pdf"))
        assert uow.archive.get(digest).filename == "first.xml"


@pytest.mark.parametrize(
    "damage",
    [
        "set_byte(body, 12, get_byte(body, 12) # 255)",
        "substr(body, 1, 10)",
        "''",
        f"decode('{zlib.compress(b'<Invoice>2</Invoice>').hex()}', 'hex')",
    ],
    ids=["flipped", "cut", "empty", "other content"],
)
def test_damage_in_the_archive_is_noticed(desk, superuser, damage):
    with desk.open() as uow:
        digest = uow.archive.put(Rendered(content=b"<Invoice>1</Invoice>", filename="a.xml"))
    with superuser() as db:
        db.execute(sa.text(f"update archive set body = {damage} where tenant_id = :id"), {"id": desk.id})
    with pytest.raises(ValueError, match="damaged"), desk.open() as uow:
        uow.archive.get(digest)
