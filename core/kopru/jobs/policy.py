"""What becomes of a job that raised: the class of the error decides, never the job itself."""

import random
from dataclasses import dataclass

from kopru.flows.env import Later
from kopru.flows.records import Reason
from kopru.hooks.errors import (
    Actor,
    AuthError,
    ConfigError,
    ConnectorError,
    MappingMissing,
    OutcomeUnknown,
    PluginBug,
    RateLimited,
    Rejected,
    TransientError,
    Unsupported,
)
from kopru.model import Text
from kopru.transport.errors import CircuitOpen
from kopru.transport.redaction import mask_text

MAX_TRIES = 16
"""Counted tries before a job gives up; with the waits below that is about three hours."""

BUG_TRIES = 3
FIRST_WAIT = 2.0
LONGEST_WAIT = 1800.0
_WAITING = (AuthError, ConfigError, MappingMissing, Unsupported)


@dataclass(frozen=True, slots=True)
class PutOff:
    """Run again after some seconds."""

    seconds: float
    reason: Reason | None
    counted: bool


@dataclass(frozen=True, slots=True)
class SetAside:
    """Do not run again by itself: ``parked`` waits for a person, ``dead`` gave up."""

    state: str
    reason: Reason


def decide(error: Exception, tries: int, rest: float = 0.0) -> PutOff | SetAside:
    """Return what becomes of a job after ``tries`` earlier counted failures.

    ``rest`` is how many seconds the remote rests that did not answer: its being away is no fault of the job.
    """
    if isinstance(error, Later):
        return PutOff(error.seconds, None, counted=False)
    if not isinstance(error, ConnectorError):
        return _counted(unexpected(error), tries, BUG_TRIES)
    reason = Reason.of(error)
    if isinstance(error, RateLimited):
        wait = error.retry_after if error.retry_after is not None else backoff(tries)
        return PutOff(wait, reason, counted=False)
    if isinstance(error, CircuitOpen):
        return PutOff(error.seconds, reason, counted=False)
    if rest and isinstance(error, TransientError | OutcomeUnknown):
        return PutOff(rest, reason, counted=False)
    if isinstance(error, _WAITING):
        return SetAside("parked", reason)
    if isinstance(error, Rejected):
        return SetAside("dead", reason)
    if isinstance(error, PluginBug):
        return _counted(reason, tries, BUG_TRIES)
    if not error.counts:
        return PutOff(FIRST_WAIT, reason, counted=False)
    return _counted(reason, tries, MAX_TRIES)


def backoff(tries: int) -> float:
    """Return a wait that doubles with each try, with jitter so that jobs do not march in step."""
    wait = min(FIRST_WAIT * 2.0 ** min(tries, 20), LONGEST_WAIT)
    return wait * (0.75 + random.random() / 2)  # noqa: S311 - spreading load needs no secrecy


def unexpected(error: Exception) -> Reason:
    """Return the reason of an error that is none of ours."""
    text = Text(
        tr="Beklenmeyen bir hata oluştu; günlükte ayrıntısı var. İş yeniden denenecek.",
        en="Something unexpected happened; the log has the details. The job is tried again.",
    )
    return Reason("engine.unexpected", text, Actor.ENGINE, mask_text(repr(error))[:500])


def _counted(reason: Reason, tries: int, most: int) -> PutOff | SetAside:
    if tries + 1 >= most:
        return SetAside("dead", reason)
    return PutOff(backoff(tries), reason, counted=True)
