"""Webhooks going out: subscriptions, delivery, repetition, and giving up."""

# These calls and this thread are Trendyol's own, not the connector's.
# ruff: noqa: TID251, S310

import base64
import json
import queue
import threading
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import Any

from kopru.testing.truth import Truth
from kopru_trendyol.simulation.make import Json

MOST_HOOKS = 15
TRIES = 13
RETRY_SECONDS = 300.0
FORBIDDEN_WORDS = ("trendyol", "dolap", "localhost")

EVENTS = {
    "Awaiting": "AWAITING",
    "Created": "CREATED",
    "Picking": "PICKING",
    "Invoiced": "INVOICED",
    "Shipped": "SHIPPED",
    "AtCollectionPoint": "AT_COLLECTION_POINT",
    "Delivered": "DELIVERED",
    "UnDelivered": "UNDELIVERED",
    "Returned": "RETURNED",
    "Cancelled": "CANCELLED",
    "UnSupplied": "UNSUPPLIED",
    "UnPacked": "UNPACKED",
    "Verified": "VERIFIED",
}


@dataclass
class Subscription:
    """One webhook of the seller. No statuses means all of them."""

    id: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    statuses: frozenset[str] = frozenset()
    active: bool = True
    failures: int = 0

    def wants(self, status: str) -> bool:
        """Whether a package of this status is told of."""
        return self.active and (not self.statuses or EVENTS.get(status, "") in self.statuses)


class Push:
    """Delivers packages to the subscribers, one after the other, in a thread of its own."""

    def __init__(self, truth: Truth) -> None:
        """Take the log of what happened."""
        self.subscriptions: dict[str, Subscription] = {}
        self.enveloped = False
        self.retry_seconds = RETRY_SECONDS
        self._truth = truth
        self._queue: queue.Queue[tuple[Subscription, bytes] | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def subscribe(self, body: Json) -> Subscription | str:
        """Make a webhook from a request's body; a text is the reason for refusing it."""
        url = str(body.get("url", ""))
        if len(self.subscriptions) >= MOST_HOOKS:
            return "En fazla 15 webhook tanımlanabilir."
        if not url.startswith("http") or any(word in url.lower() for word in FORBIDDEN_WORDS):
            return "Geçersiz url."
        statuses = frozenset(body.get("subscribedStatuses") or ())
        if not statuses <= set(EVENTS.values()):
            return "Geçersiz statü."
        subscription = Subscription(str(uuid.uuid4()), url, _headers(body), statuses)
        self.subscriptions[subscription.id] = subscription
        return subscription

    def tell(self, package: Json, body: bytes) -> None:
        """Queue a package for everybody who wants to know of its status."""
        for subscription in self.subscriptions.values():
            if subscription.wants(package["status"]):
                content = b'{"content":[' + body + b"]}" if self.enveloped else body
                self._start()
                self._queue.put((subscription, content))

    def wait(self) -> None:
        """Return once everything queued so far was tried."""
        self._queue.join()

    def stop(self) -> None:
        """Deliver nothing more."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(timeout=5)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            self._deliver(*entry)
            self._queue.task_done()

    def _deliver(self, subscription: Subscription, content: bytes) -> None:
        if _post(subscription, content):
            subscription.failures = 0
            self._truth.note("webhook.delivered", id=subscription.id)
            return
        subscription.failures += 1
        if subscription.failures >= TRIES:
            subscription.active = False
            self._truth.note("webhook.deactivated", id=subscription.id)
            return
        timer = threading.Timer(self.retry_seconds, self._queue.put, ((subscription, content),))
        timer.daemon = True
        timer.start()


def _headers(body: Json) -> dict[str, str]:
    if body.get("authenticationType") == "API_KEY":
        return {"x-api-key": str(body.get("apiKey", ""))}
    pair = f"{body.get('username', '')}:{body.get('password', '')}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _post(subscription: Subscription, content: bytes) -> bool:
    headers = {"content-type": "application/json", **subscription.headers}
    request: Any = urllib.request.Request(subscription.url, content, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return bool(200 <= answer.status < 300)
    except (urllib.error.URLError, OSError):
        return False


def described(subscription: Subscription) -> Json:
    """Return a subscription as the list of webhooks shows it."""
    data: Json = json.loads(json.dumps({"id": subscription.id, "url": subscription.url}))
    return data | {
        "subscribedStatuses": sorted(subscription.statuses),
        "status": "ACTIVE" if subscription.active else "PASSIVE",
    }
