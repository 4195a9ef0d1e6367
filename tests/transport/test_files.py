"""A folder is never left, a file is there wholly or not at all."""

import os
from pathlib import Path

import pytest

from kopru.hooks.errors import ConfigError, Conflict, Rejected, TransientError
from kopru.transport import files
from kopru.transport.errors import LeaseLost, PlannedRequest
from kopru.transport.files import Folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("canary")
    inside = tmp_path / "inside"
    inside.mkdir()
    return inside


@pytest.fixture
def folder(root: Path) -> Folder:
    return Folder(str(root))


def test_list_is_sorted_and_relative(folder: Folder, root: Path) -> None:
    for name in ("b.csv", "a.csv", "c.xlsx", "done/d.csv"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"x")
    assert folder.list() == ("a.csv", "b.csv", "c.xlsx")
    assert folder.list("*.csv") == ("a.csv", "b.csv")
    assert folder.list("**/*.csv") == ("a.csv", "b.csv", "done/d.csv")
    assert folder.list("done/*") == ("done/d.csv",)
    assert folder.list("*.nothing") == ()
    assert dict(folder.iter_sizes()) == {"a.csv": 1, "b.csv": 1, "c.xlsx": 1, "done/d.csv": 1}


def test_read_and_open(folder: Folder, root: Path) -> None:
    (root / "çağrı siparişi.csv").write_bytes(b"1;2")
    assert folder.read("çağrı siparişi.csv") == b"1;2"
    with folder.open("çağrı siparişi.csv") as file:
        assert file.read() == b"1;2"


def test_read_is_bounded(folder: Folder, root: Path) -> None:
    (root / "a").write_bytes(b"12345")
    assert folder.read("a", limit=5) == b"12345"
    with pytest.raises(Rejected) as caught:
        folder.read("a", limit=4)
    assert caught.value.code == "files.too_large"


OUTSIDE = [
    "../secret.txt",
    "a/../../secret.txt",
    "/etc/passwd",
    "..",
    "",
    ".",
    "a\\..\\b",
    "a\x00b",
    "a\nb",
    ".kopru-1",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_that_lead_out(folder: Folder, name: str) -> None:
    for act in (folder.read, folder.open, lambda each: folder.write(each, b"x")):
        with pytest.raises(Rejected) as caught:
            act(name)
        assert caught.value.code == "files.outside"


@pytest.mark.parametrize("pattern", ["../*", "/etc/*", "a/../../*"])
def test_patterns_that_lead_out(folder: Folder, pattern: str) -> None:
    with pytest.raises(Rejected):
        folder.list(pattern)


def test_links_are_not_followed(folder: Folder, root: Path) -> None:
    (root / "file").symlink_to(root.parent / "secret.txt")
    (root / "dir").symlink_to(root.parent, target_is_directory=True)
    (root / "dangling").symlink_to(root.parent / "new.txt")
    assert folder.list() == folder.list("**/*") == folder.list("dir/*") == ()
    assert list(folder.iter_sizes()) == []
    for name in ("file", "dir/secret.txt"):
        for act in (folder.read, folder.open):
            with pytest.raises(Rejected):
                act(name)
    for name in ("dir/new.txt", "file", "dangling"):
        with pytest.raises((Rejected, Conflict)):
            folder.write(name, b"x")
    assert sorted(path.name for path in root.parent.iterdir()) == ["inside", "secret.txt"]
    assert (root.parent / "secret.txt").read_text() == "canary"


def test_the_root_itself_may_be_a_link(root: Path) -> None:
    (root / "a").write_bytes(b"1")
    link = root.parent / "link"
    link.symlink_to(root)
    assert Folder(str(link)).read("a") == b"1"
    assert Folder(str(link)).list() == ("a",)


def test_only_regular_files_are_read(folder: Folder, root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "sub").mkdir()
    assert folder.list() == ()
    for name in ("pipe", "sub"):
        with pytest.raises(Rejected):
            folder.read(name)


def test_write_and_write_again(folder: Folder, root: Path) -> None:
    folder.write("out/2026/a.xml", b"<a/>")
    before = (root / "out/2026/a.xml").stat()
    folder.write("out/2026/a.xml", b"<a/>")
    after = (root / "out/2026/a.xml").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    for other in (b"<b/>", b"<a/", b"<a/>x", b""):
        with pytest.raises(Conflict):
            folder.write("out/2026/a.xml", other)
    assert folder.read("out/2026/a.xml") == b"<a/>"
    assert [path.name for path in (root / "out/2026").iterdir()] == ["a.xml"]


def test_a_failed_write_leaves_nothing(folder: Folder, root: Path, monkeypatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(TransientError) as caught:
        folder.write("a.xml", b"<a/>")
    assert caught.value.code == "files.unwritable"
    assert not (root / "a.xml").exists()


def test_drafts_are_never_listed(folder: Folder, root: Path) -> None:
    (root / ".kopru-0123").write_bytes(b"half")
    assert folder.list() == folder.list(".*") == folder.list("**/*") == ()


def test_file_systems_without_hard_links(folder: Folder, monkeypatch) -> None:
    def no_links(*args: object, **options: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(files.os, "link", no_links)
    folder.write("a", b"1")
    folder.write("a", b"1")
    with pytest.raises(Conflict):
        folder.write("a", b"2")
    assert folder.read("a") == b"1"


@pytest.mark.parametrize("path", ["", "/nonexistent/folder"])
def test_a_missing_folder_is_a_setting(path: str) -> None:
    folder = Folder(path)
    acts = (
        folder.list,
        lambda: folder.read("a"),
        lambda: folder.write("a", b""),
        lambda: list(folder.iter_sizes()),
    )
    for act in acts:
        with pytest.raises(ConfigError) as caught:
            act()
        assert caught.value.code == "files.folder_missing"


def test_a_missing_file_is_named(folder: Folder) -> None:
    for name in ("none.csv", "no/such/none.csv"):
        with pytest.raises(ConfigError) as caught:
            folder.read(name)
        assert caught.value.code == "files.missing"
        assert name in caught.value.message.tr


def test_a_dry_run_writes_nothing(root: Path) -> None:
    with pytest.raises(PlannedRequest) as caught:
        Folder(str(root), dry_run=True).write("out/a.xml", b"12345")
    assert (caught.value.call.method, caught.value.call.url) == ("WRITE", "out/a.xml")
    assert list(root.iterdir()) == []


def test_the_guard_is_asked_before_a_write(root: Path) -> None:
    class Guard:
        def before_write(self) -> None:
            raise LeaseLost

    with pytest.raises(LeaseLost):
        Folder(str(root), guard=Guard()).write("a", b"1")
    assert list(root.iterdir()) == []
