"""The rule engine is shared by a process; its callers must not disturb each other."""

import subprocess
import sys
import threading
import time

from kopru.model import Profile
from kopru_ubltr import gib, plugin
from kopru_ubltr.config import UblTrConfig

ROUNDS = 40


def in_threads(*works):
    """Run the works at once and raise what any of them raised."""
    errors = []

    def guarded(work):
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by the caller
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    assert errors == []


def test_two_threads_alternate_between_archive_and_einvoice(make):
    # The engine holds the document type as a parameter: a mix-up shows as ProfileIDCheck.
    config = UblTrConfig()
    archive = plugin.render_invoice(config, make.invoice(profile=Profile.ARCHIVE))
    einvoice = plugin.render_invoice(config, make.invoice())

    def work(*documents):
        for number in range(ROUNDS):
            document = documents[number % len(documents)]
            assert plugin.validate_invoice(config, document, make.today) == ()

    in_threads(lambda: work(archive, einvoice), lambda: work(einvoice, archive))


def test_the_engine_is_entered_by_one_thread_at_a_time(monkeypatch):
    inside, most = [], []

    def engine(content, arithmetic):
        inside.append(content)
        most.append(len(inside))
        time.sleep(0.001)
        inside.remove(content)
        return []

    monkeypatch.setattr(gib, "_check", lambda: engine)

    def work(content):
        for _ in range(10):
            assert list(gib.findings(content, arithmetic=True)) == []

    in_threads(*(lambda content=bytes([number]): work(content) for number in range(4)))
    assert (len(most), max(most)) == (40, 1)


FORK = """
import os, sys, threading
from kopru_ubltr import gib
content = sys.stdin.buffer.read()
assert list(gib.findings(content, arithmetic=True)) == []
gib._lock.acquire()
child = os.fork()
if child == 0:
    found = list(gib.findings(content, arithmetic=True))
    os._exit(0 if found == [] else 1)
gib._lock.release()
assert list(gib.findings(content, arithmetic=True)) == []
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_child_gets_an_engine_and_a_lock_of_its_own(make):
    content = plugin.render_invoice(UblTrConfig(), make.invoice()).content
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK],
        input=content,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, b"")
