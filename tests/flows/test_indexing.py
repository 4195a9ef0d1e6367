"""The index of line matching: found at once, shared by processes, never half a file, never stale."""

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from kopru.flows import indexing
from kopru.flows.env import Lease, Work
from kopru.flows.indexing import Indexes
from kopru.flows.records import ItemRow
from kopru.matching.api import Line
from kopru.storage.indexfiles import IndexFiles


@pytest.fixture
def files(tmp_path):
    return IndexFiles(tmp_path / "index")


@pytest.fixture
def save(trade):
    def put(*rows):
        items = [
            ItemRow(id, code, name, "goods", "C62", Decimal(20), (), active)
            for id, code, name, active in rows
        ]
        with trade.work().write() as uow:
            uow.items.upsert(items)

    return put


@pytest.fixture
def find(trade):
    """Returns the code an index answers for a text; every object of the index is as in another process."""

    def ask(indexes, text, seller_code=""):
        (verdict,) = indexes.matcher(trade.work()).match([Line("1", text, seller_code)])
        return verdict.best.item_code if verdict.best else None

    return ask


def item(code, name, *, active=True):
    return uuid4(), code, name, active


def test_a_new_or_renamed_item_is_found_at_once_and_nothing_is_rebuilt(trade, files, save, find, tmp_path):
    save(item("A", "Granit Karaca Termos"))
    indexes = Indexes(files)
    assert find(indexes, "granit karaca termos") == "A"
    (path,) = (tmp_path / "index").glob("*.index")
    written = path.stat().st_mtime_ns
    save(item("B", "Zerdali Marmelat"))
    assert find(indexes, "zerdali marmelat") == "B"
    save(item("A", "Bambu Salata Kasesi"))
    assert find(indexes, "bambu salata kasesi") == "A"
    assert find(indexes, "granit karaca termos") != "A"
    save(item("B", "Zerdali Marmelat", active=False))
    assert find(indexes, "zerdali marmelat") != "B"
    assert path.stat().st_mtime_ns == written


def test_further_names_are_found_and_forgotten(trade, files, save, find):
    save(item("A", "Granit Karaca Termos"))
    indexes = Indexes(files)
    with trade.work().write() as uow:
        card = uow.items.by_code("A")
        assert uow.catalogue.set_alias(card.id, "Sihirli Kap", "test")
        assert not uow.catalogue.set_alias(card.id, "SIHIRLI KAP", "test"), "the same name, folded"
    assert find(indexes, "sihirli kap") == "A"
    with trade.work().write() as uow:
        assert uow.catalogue.set_alias(card.id, "Sihirli Kap", "test", on=False)
    assert find(indexes, "sihirli kap") != "A"


def test_items_read_again_unchanged_are_no_change(trade, save):
    save(item("A", "Granit Karaca Termos"))
    with trade.work().read() as uow:
        version = uow.catalogue.version()
    save(item("A", "Granit Karaca Termos"))
    with trade.work().read() as uow:
        assert uow.catalogue.since(version) == ([], [])
        assert uow.catalogue.version() > version


def test_changed_barcodes_are_a_change(trade, save):
    save(item("A", "Granit Karaca Termos"))
    with trade.work().write() as uow:
        version = uow.catalogue.version()
        row = uow.items.by_code("A")
        uow.items.upsert([ItemRow(row.id, "A", row.name, "goods", "C62", Decimal(20), ("8690000000012",))])
    with trade.work().read() as uow:
        (changed,), gone = uow.catalogue.since(version)
    assert (changed.barcodes, gone) == (("8690000000012",), [])


def test_processes_share_one_file(trade, files, save, find, monkeypatch):
    save(item("A", "Granit Karaca Termos"))
    assert find(Indexes(files), "granit karaca termos") == "A"
    built = []
    monkeypatch.setattr(Indexes, "_built", lambda *_: built.append("again"))
    save(item("B", "Zerdali Marmelat"))
    other = Indexes(files)
    assert (find(other, "granit karaca termos"), find(other, "zerdali marmelat")) == ("A", "B")
    assert built == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(b"another format"),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 0')),
    ],
    ids=["missing", "empty", "cut off", "something else", "another version"],
)
def test_a_file_of_no_use_is_built_again(trade, files, save, find, tmp_path, damage):
    save(item("A", "Granit Karaca Termos"))
    find(Indexes(files), "x")
    (path,) = (tmp_path / "index").glob("*.index")
    damage(path)
    assert find(Indexes(files), "granit karaca termos") == "A"
    assert find(Indexes(files), "granit karaca termos") == "A"


def test_a_file_from_before_a_restored_backup_is_built_again(trade, files, save, find, admin):
    import sqlalchemy as sa

    save(item("A", "Granit Karaca Termos"), item("B", "Zerdali Marmelat"))
    find(Indexes(files), "x")
    with admin.begin() as db:
        lost = {"t": trade.tenant_id}
        db.execute(sa.text("delete from item where tenant_id = :t and code = 'B'"), lost)
        db.execute(sa.text("update catalogue set version = version - 10 where tenant_id = :t"), lost)
    assert find(Indexes(files), "zerdali marmelat") != "B"
    save(item("C", "Bambu Salata Kasesi"))
    indexes = Indexes(files)
    assert find(indexes, "zerdali marmelat") != "B"
    assert find(indexes, "bambu salata kasesi") == "C"


def test_a_heavy_overlay_is_merged_into_a_new_file_that_the_others_take_up(
    trade, files, save, find, tmp_path, monkeypatch
):
    monkeypatch.setattr(indexing, "FEW", 3)
    save(item("A", "Granit Karaca Termos"))
    first, second = Indexes(files), Indexes(files)
    assert find(first, "granit karaca termos") == find(second, "granit karaca termos") == "A"
    (path,) = (tmp_path / "index").glob("*.index")
    written = path.stat().st_mtime_ns
    names = ("Zerdali Marmelat", "Bambu Salata Kasesi", "Lavanta Sabunu", "Ceviz Kiracagi", "Kestane Sekeri")
    save(*(item(f"N-{n}", name) for n, name in enumerate(names)))
    assert find(first, "kestane sekeri") == "N-4"
    merged = path.stat().st_mtime_ns
    assert merged > written
    assert find(second, "kestane sekeri") == find(second, "kestane sekeri") == "N-4"
    assert path.stat().st_mtime_ns == merged, "the second process took the file of the first"
    assert first.matcher(trade.work()).index.changes == 0


def test_tenants_have_files_of_their_own(trade, engine, files, save, find, tmp_path):
    save(item("A", "Granit Karaca Termos"))
    indexes = Indexes(files)
    assert find(indexes, "granit karaca termos") == "A"
    other = Work(engine.env, engine.store.add_tenant(f"t-{uuid4().hex[:8]}"), {}, Lease(None))
    (verdict,) = indexes.matcher(other).match([Line("1", "granit karaca termos")])
    assert verdict.best is None
    assert len(list((tmp_path / "index").glob("*.index"))) == 2


KILLED = """
import sys, time
from pathlib import Path
from uuid import UUID
from kopru.storage.indexfiles import IndexFiles

files, tenant = IndexFiles(Path(sys.argv[1])), UUID(sys.argv[2])

def pieces():
    yield b"half of a file"
    print("writing", flush=True)
    time.sleep(60)
    yield b"the rest"

with files.building(tenant):
    files.replace(tenant, pieces())
"""


def test_a_kill_in_the_middle_leaves_the_old_file_and_no_lock(tmp_path):
    folder, tenant = tmp_path / "index", UUID(int=1)
    files = IndexFiles(folder)
    with files.building(tenant):
        files.replace(tenant, [b"whole"])
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), str(tenant)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "writing\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    process.stdout.close()
    assert bytes(files.open(tenant)) == b"whole"
    assert len(list(folder.glob(".*.draft"))) == 1
    began = time.monotonic()
    with files.building(tenant):
        files.replace(tenant, [b"new"])
    assert time.monotonic() - began < 30
    assert bytes(files.open(tenant)) == b"new"
    assert list(folder.glob(".*.draft")) == []


def test_readers_keep_the_file_they_opened(tmp_path):
    files, tenant = IndexFiles(tmp_path), UUID(int=1)
    files.replace(tenant, [b"old"])
    opened = files.open(tenant)
    files.replace(tenant, [b"new"])
    assert (bytes(opened), bytes(files.open(tenant))) == (b"old", b"new")
