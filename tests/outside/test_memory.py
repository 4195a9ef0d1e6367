"""When a plugin is tried again, and when what is remembered of it is believed."""

import os
import threading

import pytest

from kopru.registry import Status
from kopru.registry.fates import REFUSED_FOR


@pytest.fixture
def tries(tmp_path):
    """A note that each import leaves a letter in: how to write it, and how often that happened."""

    class Tries:
        note = tmp_path / "tries"
        line = f"open({str(tmp_path / 'tries')!r}, 'a').write('x')\n"

        @property
        def count(self):
            return len(self.note.read_text()) if self.note.exists() else 0

    return Tries()


BROKEN = "raise ValueError('broken')\n"


def test_a_plugin_that_passed_is_not_tried_again(site, tries):
    site.install("good", before=tries.line)
    assert site.discover()["good"].status is Status.LOADED
    assert tries.count == 2, "once in the probe, once here"
    assert site.discover()["good"].status is Status.LOADED
    assert tries.count == 2


def test_a_refusal_is_believed_for_a_while_and_then_tried_again(site, tries):
    now = [1000.0]
    site.install("bad", before=tries.line + BROKEN)
    for later, count in ((0, 1), (REFUSED_FOR - 1, 1), (2, 2), (1, 2), (-REFUSED_FOR, 3)):
        now[0] += later
        assert "broken" in site.discover(now=lambda: now[0])["bad"].reason.en
        assert tries.count == count


def test_who_asks_afresh_is_told_the_present_state(site, tries):
    site.install("bad", before=tries.line + BROKEN)
    site.discover()
    site.discover(afresh=["bad"])
    assert tries.count == 2


@pytest.mark.parametrize("change", ["content", "time", "new file", "record", "other package", "limits"])
def test_any_change_that_may_matter_means_another_try(site, tries, change):
    file = site.install("bad", before=tries.line + BROKEN)
    site.discover()
    limits = {}
    if change == "content":
        file.write_text(file.read_text() + "\n# mended\n")
    elif change == "time":
        os.utime(file, ns=(1, 1))
    elif change == "new file":
        (file.parent / "data.json").write_text("{}")
    elif change == "record":
        record = file.parents[1] / "kopru_bad-1.0.dist-info" / "RECORD"
        record.write_text("kopru_bad/__init__.py,sha256=other,1\n")
    elif change == "other package":
        site.install("other")
    else:
        limits = {"seconds": 40.0}
    site.discover(**limits)
    assert tries.count == 2


def test_compiled_files_are_no_change(site, tries):
    file = site.install("bad", before=tries.line + BROKEN)
    site.discover()
    (file.parent / "__pycache__").mkdir(exist_ok=True)
    (file.parent / "__pycache__" / "more.pyc").write_bytes(b"x")
    site.discover()
    assert tries.count == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"status": "splendid"}'])
def test_a_spoiled_memory_only_means_another_try(site, tries, content):
    site.install("bad", before=tries.line + BROKEN)
    site.discover()
    (note,) = site.memory.glob("*.json")
    note.write_text(content)
    assert "broken" in site.discover()["bad"].reason.en
    assert tries.count == 2


def test_without_a_place_to_remember_each_start_tries(site, tries):
    site.memory.write_text("a file where the folder should be")
    site.install("bad", before=tries.line + BROKEN)
    for count in (1, 2):
        assert "broken" in site.discover()["bad"].reason.en
        assert tries.count == count


def test_starts_at_the_same_time_try_once(site, tries):
    site.install("bad", before=tries.line + BROKEN)
    starts = [threading.Thread(target=site.discover) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join(60)
    assert tries.count == 1
