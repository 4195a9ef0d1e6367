"""Lets a worker die or stop exactly between two phases of a write.

Only chaos workers load this: it wraps functions of the flows from outside, so that nothing of it is in the
code that runs otherwise. A point is armed by a file; the first worker to get there takes it away and obeys.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from kopru.flows import effects, invoicing, pushing
from kopru.flows.records import EffectState
from kopru.hooks.manifest import Write
from kopru.storage.repos import pushes
from kopru.transport import http

ARMED, FIRED, DOOMED = "armed", "fired", "doomed"
_BODY_SENT = "http11.send_request_body.complete"

STOCK_DOUBT = 20.0
"""Seconds after which stock on its way counts as lost in a run that shortens waiting times."""

Wrap = Callable[[Any], Any]


class Points:
    """The armed points of a run, seen from a worker."""

    def __init__(self, folder: Path) -> None:
        """Take the run's folder."""
        self._armed, self._fired = folder / ARMED, folder / FIRED
        self._doomed = folder / DOOMED
        self._now = threading.local()

    def install(self, patience: float) -> None:
        """Watch the borders of this process's writes; targets' waiting times are taken times ``patience``."""
        _replace_everywhere(effects.begin, self._begin)
        _replace(effects, "_send", self._send)
        _replace(effects, "_settle", self._settle)
        _replace(effects, "_turn", self._turn)
        _replace(effects, "_facts", lambda facts: _shortened(facts, patience))
        if patience < 1:
            _set(pushes, "LOST_AFTER", timedelta(seconds=STOCK_DOUBT))
            _set(pushing, "DOUBT", STOCK_DOUBT + 1)
        _replace(http._Call, "_tracer", self._tracer)
        _replace(invoicing, "read_case", self._read_case)

    def reach(self, point: str, operation: str) -> None:
        """Die or stop here, if that is what somebody waits for."""
        armed = self._armed / f"{point}.{operation}"
        fired = self._fired / f"{point}.{operation}.{os.getpid()}.{time.monotonic_ns()}"
        try:
            armed.rename(fired)
        except FileNotFoundError:
            return
        order = json.loads(fired.read_text("utf-8"))
        os.kill(os.getpid(), signal.SIGKILL if order["act"] == "kill" else signal.SIGSTOP)

    def _begin(self, begin: Callable[..., Any]) -> Callable[..., Any]:
        def run(uow: Any, work: Any, effect: Any, request_hash: str) -> Any:
            row, begun = begin(uow, work, effect, request_hash)
            if begun:
                self.reach("before_sending", effect.operation.value)
            return row, begun

        return run

    def _send(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def run(work: Any, effect: Any, write: Any) -> Any:
            self.reach("after_sending", effect.operation.value)
            self._now.operation = effect.operation.value
            try:
                return send(work, effect, write)
            finally:
                self._now.operation = ""

        return run

    def _tracer(self, tracer: Callable[..., Any]) -> Callable[..., Any]:
        def make(call: Any, trip: Any) -> Callable[..., Any]:
            trace = tracer(call, trip)

            def run(event: str, info: Any) -> None:
                trace(event, info)
                operation = getattr(self._now, "operation", "")
                if event == _BODY_SENT and operation and not call.safe:
                    self.reach("bytes_out", operation)

            return run

        return make

    def _settle(self, settle: Callable[..., Any]) -> Callable[..., Any]:
        def run(work: Any, effect: Any, write: Any, receipt: Any) -> Any:
            operation = effect.operation.value
            self.reach("answered", operation)

            def then(uow: Any, settled: Any) -> None:
                write.then(uow, settled)
                self.reach("before_settled", operation)

            found = settle(work, effect, replace(write, then=then), receipt)
            self.reach("after_settled", operation)
            return found

        return run

    def _turn(self, turn: Callable[..., Any]) -> Callable[..., Any]:
        def run(work: Any, effect: Any, state: Any, reason: Any) -> None:
            turn(work, effect, state, reason)
            if state is EffectState.UNCERTAIN:
                self.reach("uncertain", effect.operation.value)

        return run

    def _read_case(self, read_case: Callable[..., Any]) -> Callable[..., Any]:
        def run(work: Any, order_id: Any) -> Any:
            case = read_case(work, order_id)
            if case is not None and (self._doomed / case.order.external_id).exists():
                os.kill(os.getpid(), signal.SIGSEGV)
            return case

        return run


def _shortened(facts: Callable[..., Write], patience: float) -> Callable[..., Write]:
    def run(work: Any, effect: Any) -> Write:
        found = facts(work, effect)
        timeout = max(found.timeout * patience, timedelta(seconds=min(10.0, found.timeout.total_seconds())))
        return replace(found, timeout=timeout, quiet=found.quiet * patience)

    return run


def _set(owner: ModuleType, name: str, value: object) -> None:
    """Set what must be there already."""
    _replace(owner, name, lambda before: value)


def _replace(owner: ModuleType | type, name: str, wrap: Wrap) -> None:
    setattr(owner, name, wrap(getattr(owner, name)))


def _replace_everywhere(function: Callable[..., Any], wrap: Wrap) -> None:
    """Replace a function in every flow that imported it by name."""
    wrapped = wrap(function)
    for name, module in list(sys.modules.items()):
        if name.startswith("kopru.flows.") and getattr(module, function.__name__, None) is function:
            setattr(module, function.__name__, wrapped)
