"""Asking advisers against a clock, and leaving out those that keep being late or failing.

A hook that does not return cannot be stopped, only left behind: it goes on in a thread that nobody waits for.
So that such threads cannot pile up, a plugin whose late call still runs is not asked again for that company,
and for none once several of its calls run on. After three misses in a row it rests.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
Key = tuple[UUID, str]
"""Tenant and plugin: a large or odd company does not bench an adviser for the others."""

LIMIT = 3
MOST_LATE = 4
"""Late calls of one plugin that may run on, for all companies of the process together."""

REST = 600.0


class Missed(Exception):
    """A plugin did not answer in time or failed; ``benched`` says that this was once too often."""

    def __init__(self, code: str, detail: str = "", *, benched: bool = False) -> None:
        """Take a stable code and what an operator may want to know."""
        self.code = code
        self.detail = detail
        self.benched = benched
        super().__init__(f"{code}: {detail}")


class Resting(Exception):
    """The plugin is left out for now."""


@dataclass
class _Seat:
    misses: int = 0
    until: float = 0.0
    late: list[threading.Thread] = field(default_factory=list)


class Bench:
    """Who is left out, in one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the clock that rests are counted by, in seconds."""
        self._clock = clock
        self._seats: dict[Key, _Seat] = {}
        self._lock = threading.Lock()

    def ask(self, key: Key, seconds: float, call: Callable[[], T]) -> T:
        """Return what a call answers within some seconds.

        Raises:
            Resting: it is on the bench, or late calls of it still run; nothing was called.
            Missed: it is late, or raised anything.
        """
        with self._lock:
            seat = self._seats.setdefault(key, _Seat())
            if self._clock() < seat.until or self._runs_on(key):
                raise Resting
        answers: list[T] = []
        errors: list[BaseException] = []
        thread = threading.Thread(
            target=_run, args=(call, answers, errors), name=f"ask-{key[1]}", daemon=True
        )
        thread.start()
        thread.join(seconds)
        if answers:
            with self._lock:
                seat.misses = 0
            return answers[0]
        if errors:
            raise Missed("adviser.failed", repr(errors[0])[:300], benched=self._miss(seat)) from errors[0]
        raise Missed("adviser.late", f"{seconds:g} s", benched=self._miss(seat, thread))

    def _runs_on(self, key: Key) -> bool:
        """Whether a late call for the company still runs, or too many of the plugin for all companies."""
        seats = [seat for (_, plugin), seat in self._seats.items() if plugin == key[1]]
        for seat in seats:
            seat.late = [thread for thread in seat.late if thread.is_alive()]
        return bool(self._seats[key].late) or sum(len(seat.late) for seat in seats) >= MOST_LATE

    def _miss(self, seat: _Seat, late: threading.Thread | None = None) -> bool:
        with self._lock:
            if late is not None:
                seat.late.append(late)
            seat.misses += 1
            if seat.misses < LIMIT:
                return False
            # One more chance after the rest: a single miss then benches again.
            seat.misses = LIMIT - 1
            seat.until = self._clock() + REST
            return True


def _run(call: Callable[[], T], answers: list[T], errors: list[BaseException]) -> None:
    try:
        answers.append(call())
    except BaseException as error:  # noqa: BLE001 - a plugin may raise anything, SystemExit included
        errors.append(error)
