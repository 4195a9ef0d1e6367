"""What becomes of a job that raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.flows.env import Later
from kopru.hooks.errors import (
    Actor,
    AuthError,
    ConfigError,
    Conflict,
    CursorExpired,
    MappingMissing,
    OutcomeUnknown,
    PluginBug,
    RateLimited,
    Rejected,
    TransientError,
    Unsupported,
)
from kopru.jobs.policy import BUG_TRIES, LONGEST_WAIT, MAX_TRIES, PutOff, SetAside, backoff, decide
from kopru.transport.errors import LeaseLost

CODE = "some.code"

TABLE = [
    (Later(7.5), "again, not counted"),
    (RateLimited(CODE, retry_after=9.0), "again, not counted"),
    (RateLimited(CODE), "again, not counted"),
    (CursorExpired(CODE), "again, not counted"),
    (LeaseLost(), "again, not counted"),
    (TransientError(CODE), "again, counted"),
    (OutcomeUnknown(CODE), "again, counted"),
    (Conflict(CODE), "again, counted"),
    (PluginBug(CODE), "again, counted"),
    (ValueError("x"), "again, counted"),
    (AuthError(CODE), "parked"),
    (ConfigError(CODE), "parked"),
    (MappingMissing(CODE, ["a"]), "parked"),
    (Unsupported(CODE), "parked"),
    (Rejected(CODE), "dead"),
]


def in_words(outcome):
    if isinstance(outcome, SetAside):
        return outcome.state
    return "again, counted" if outcome.counted else "again, not counted"


@pytest.mark.parametrize(("error", "expected"), TABLE, ids=[type(error).__name__ for error, _ in TABLE])
def test_the_first_time(error, expected):
    assert in_words(decide(error, 0)) == expected


LAST = {"again, counted": "dead"}


@pytest.mark.parametrize(("error", "first"), TABLE, ids=[type(error).__name__ for error, _ in TABLE])
def test_at_the_end_of_patience(error, first):
    """What is counted is given up; what is not counted goes on for ever."""
    assert in_words(decide(error, 10**6)) == LAST.get(first, first)


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (TransientError(CODE), MAX_TRIES),
        (OutcomeUnknown(CODE), MAX_TRIES),
        (PluginBug(CODE), BUG_TRIES),
        (ValueError(), BUG_TRIES),
    ],
)
def test_how_often_a_job_is_tried(error, tries):
    outcomes = [in_words(decide(error, earlier)) for earlier in range(tries)]
    assert outcomes == ["again, counted"] * (tries - 1) + ["dead"]


def test_the_remotes_own_wait_is_kept():
    assert decide(RateLimited(CODE, retry_after=9.0), 5) == PutOff(
        9.0, decide(RateLimited(CODE, retry_after=9.0), 5).reason, counted=False
    )
    assert decide(RateLimited(CODE, retry_after=0.0), 5).seconds == 0.0
    assert decide(Later(7.5), 5) == PutOff(7.5, None, counted=False)


def test_the_reason_says_what_the_error_said():
    error = ConfigError(CODE, detail="the detail")
    reason = decide(error, 0).reason
    assert (reason.code, reason.text, reason.actor, reason.detail) == (
        CODE,
        error.message,
        Actor.OPERATOR,
        "the detail",
    )


def test_an_unexpected_error_is_told_without_its_long_text():
    reason = decide(ValueError("x" * 10_000), 0).reason
    assert (reason.code, reason.actor) == ("engine.unexpected", Actor.ENGINE)
    assert reason.detail.startswith("ValueError('xxx")
    assert len(reason.detail) <= 500


@given(st.integers(0, 10_000))
def test_waits_grow_to_a_limit_and_do_not_march_in_step(tries):
    plain = min(2.0 * 2.0 ** min(tries, 50), LONGEST_WAIT)
    waits = [backoff(tries) for _ in range(5)]
    assert all(0.75 * plain <= wait <= 1.25 * plain for wait in waits)
    assert len(set(waits)) > 1


def test_a_job_is_given_up_after_about_three_hours():
    waits = [min(2.0 * 2.0**tries, LONGEST_WAIT) for tries in range(MAX_TRIES - 1)]
    assert 2 * 3600 < sum(waits) < 4 * 3600
