"""Webhooks: a call proves itself or is refused, and its content is only a hint."""

import json
import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from kopru.hooks.errors import AuthError, ConnectorError, Rejected
from kopru.hooks.types import Ctx, WebhookEvent, WebhookRequest
from kopru.testing.contract.base import Suite
from kopru.testing.contract.failure import LeftOut, expect, expect_same
from kopru.testing.contract.session import Session
from kopru.testing.contract.subject import Subject
from kopru.testing.contract.suites.connection import wrong_config

_PATIENCE = 5.0
_ADDRESS = "/kanca"
_HOSTILE = (b"", b"\x00\xff", b"null", b"[]", b"{}", b"17", b'{"a":' * 3000)


class WebhookSuite(Suite):
    """Tests of ``parse_webhook`` with a call the simulator really makes."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether the plugin takes webhooks and there is a simulator that may send one."""
        return subject.simulator is not None and subject.has("parse_webhook")

    def test_webhook_names_the_record(self) -> None:
        """Fails when a genuine call is refused, names no record, or another event id the second time.

        Look at the event id: the same call delivered twice must have the same one.
        """
        with self.connected() as session, _delivered(self, session) as request:
            session.ctx()
            before = len(session.simulator.served)
            events: tuple[WebhookEvent, ...] = session.call("parse_webhook", request)
            expect(events, "A genuine call names no record.")
            for event in events:
                expect(event.event_id and event.external_id, f"An event lacks an id: {event}")
            expect_same(session.call("parse_webhook", request), events, "The same call again")
            expect_same(len(session.simulator.served), before, "Calls to the remote while parsing")

    def test_forged_webhooks_are_refused(self) -> None:
        """Fails when a call with a wrong secret, or without any, is not refused with ``AuthError``.

        Look at missing headers, and at settings in which no secret is set: then nothing can be verified. The
        proof may stand in the body instead; then a body without it is what must be refused.
        """
        with self.connected() as session, _delivered(self, session) as request:
            bare = replace(request, headers={})
            forged = replace(request, headers={name: f"{value}x" for name, value in request.headers.items()})
            wrong = session.ctx(config=wrong_config(session))
            unset = session.ctx(config=_without_optional_secrets(session))
            if not _is_proved_by_body(session, bare):
                _expect_refused(session, bare, session.ctx(), "it has no headers")
                _expect_refused(session, forged, session.ctx(), "every header was changed")
            _expect_refused(session, request, wrong, "every secret of the settings is another one")
            if unset.config != session.settings:
                _expect_refused(session, request, unset, "the settings hold no secret to verify it with")

    def test_hostile_webhooks_are_refused(self) -> None:
        """Fails when a genuine call with a garbled body fails with a bug."""
        with self.connected() as session, _delivered(self, session) as request:
            for body in (*_HOSTILE, request.body[: len(request.body) // 2]):
                try:
                    events = session.call("parse_webhook", replace(request, body=body))
                except ConnectorError as error:
                    refused = isinstance(error, AuthError | Rejected)
                    expect(refused, f"A garbled body raised {type(error).__name__}.")
                    continue
                expect(not events, f"{body[:40]!r} was read as {len(events)} events.")


@contextmanager
def _delivered(suite: Suite, session: Session) -> Iterator[WebhookRequest]:
    """Subscribe, let an order be placed, and hand out the call that comes in."""
    inbox: queue.Queue[WebhookRequest] = queue.Queue()
    server = HTTPServer(("127.0.0.1", 0), _receiver(inbox))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        suite.subscribe(
            session.simulator, f"http://127.0.0.1:{server.server_address[1]}{_ADDRESS}?kaynak=kit"
        )
        session.add_order()
        yield inbox.get(timeout=_PATIENCE)
    except queue.Empty:
        raise LeftOut("The simulator told of no change.") from None
    finally:
        server.shutdown()
        server.server_close()


def _receiver(inbox: "queue.Queue[WebhookRequest]") -> type[BaseHTTPRequestHandler]:
    class _Receiver(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

        def do_PUT(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            called = urlsplit(self.path)
            below = called.path.removeprefix(_ADDRESS)
            query = dict(parse_qsl(called.query))
            inbox.put(WebhookRequest(headers, body, query, self.command, below))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

    return _Receiver


def _is_proved_by_body(session: Session, bare: WebhookRequest) -> bool:
    """Whether a field of the JSON body is the proof: a call is taken without headers, but not without it."""
    try:
        fields = {} if _is_refused(session, bare) else json.loads(bare.body)
    except ValueError:
        return False
    names = list(fields) if isinstance(fields, dict) else []
    bodies = (json.dumps({name: fields[name] for name in names if name != left_out}) for left_out in names)
    return any(_is_refused(session, replace(bare, body=body.encode())) for body in bodies)


def _is_refused(session: Session, request: WebhookRequest) -> bool:
    try:
        session.call("parse_webhook", request)
    except AuthError:
        return True
    except ConnectorError:
        return False
    return False


def _without_optional_secrets(session: Session) -> Mapping[str, Any]:
    fields = type(session.settings).model_fields
    wrong = wrong_config(session)
    optional = {name for name in session.config if wrong.get(name) != session.config[name]}
    optional = {name for name in optional if not fields[name].is_required()}
    return {name: value for name, value in session.config.items() if name not in optional}


def _expect_refused(session: Session, request: WebhookRequest, ctx: Ctx[Any], why: str) -> None:
    error = session.error("parse_webhook", request, ctx=ctx, when=why)
    expect(isinstance(error, AuthError), f"A call was refused with {type(error).__name__} although {why}.")
