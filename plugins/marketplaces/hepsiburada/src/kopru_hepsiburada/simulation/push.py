"""Webhooks going out: each event to an address of its own below the merchant's, again until it is taken."""

# These calls and this thread are Hepsiburada's own, not the connector's.
# ruff: noqa: TID251, S310

import base64
import queue
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kopru.testing.simulator import reply
from kopru.testing.truth import Truth

TRIES = 3


@dataclass(frozen=True, slots=True)
class Call:
    """One call to deliver."""

    method: str
    path: str
    body: bytes


class Push:
    """Delivers to the merchant's address, one call after the other, in a thread of its own."""

    def __init__(self, truth: Truth, user: str, password: str) -> None:
        """Take the log of what happened, and the login the merchant handed out."""
        self.url = ""
        self._truth = truth
        self._login = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._queue: queue.Queue[Call | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def tell(self, method: str, path: str, body: dict[str, Any]) -> None:
        """Queue an event, if the merchant has given an address."""
        if not self.url:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._queue.put(Call(method, path, reply(body).body))

    def wait(self) -> None:
        """Return once everything queued so far was tried."""
        self._queue.join()

    def stop(self) -> None:
        """Deliver nothing more."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while (call := self._queue.get()) is not None:
            taken = any(self._post(call) for _ in range(TRIES))
            self._truth.note("webhook.delivered" if taken else "webhook.given_up", path=call.path)
            self._queue.task_done()

    def _post(self, call: Call) -> bool:
        parts = urlsplit(self.url)
        url = parts._replace(path=parts.path.rstrip("/") + call.path).geturl()
        headers = {"content-type": "application/json", "authorization": self._login}
        request = urllib.request.Request(url, call.body, headers, method=call.method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(200 <= answer.status < 300)
        except (urllib.error.URLError, OSError):
            return False
