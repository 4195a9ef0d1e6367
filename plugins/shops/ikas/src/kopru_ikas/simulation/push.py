"""Webhooks going out, signed as ikas signs them, and given up after three tries."""

# These calls and this thread are ikas's own, not the connector's.
# ruff: noqa: TID251, S310

import hashlib
import hmac
import json
import queue
import threading
import urllib.error
import urllib.request
import uuid
from typing import Any

from kopru.testing.truth import Truth

TRIES = 3


class Push:
    """Delivers changes to the subscribers, one after the other, in a thread of its own."""

    def __init__(self, truth: Truth, secret: str) -> None:
        """Take the log of what happened and the app's secret."""
        self.urls: list[str] = []
        self._truth = truth
        self._secret = secret.encode()
        self._queue: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def signed(self, scope: str, record: Any, created_at: int) -> bytes:
        """Return a call's body: the record as text, signed; the rest is not."""
        data = json.dumps(record, default=float, ensure_ascii=False)
        body = {
            "id": str(uuid.uuid4()),
            "createdAt": created_at,
            "scope": scope,
            "merchantId": "magaza-1",
            "authorizedAppId": "app-1",
            "data": data,
            "signature": hmac.new(self._secret, data.encode(), hashlib.sha256).hexdigest(),
        }
        return json.dumps(body, ensure_ascii=False).encode()

    def tell(self, body: bytes) -> None:
        """Queue a call for every subscriber."""
        for url in self.urls:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            self._queue.put((url, body))

    def wait(self) -> None:
        """Return once everything queued so far was tried."""
        self._queue.join()

    def stop(self) -> None:
        """Deliver nothing more."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            delivered = any(_post(*entry) for _ in range(TRIES))
            self._truth.note("webhook.delivered" if delivered else "webhook.dropped", url=entry[0])
            self._queue.task_done()


def _post(url: str, body: bytes) -> bool:
    request: Any = urllib.request.Request(url, body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
