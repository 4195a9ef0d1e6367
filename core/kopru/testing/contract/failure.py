"""How a standard test says what is wrong. Nothing here needs pytest or ``assert``."""

from unittest import SkipTest


class Failure(AssertionError):
    """The plugin breaks the contract."""


class LeftOut(SkipTest):
    """A test cannot run here; the message says what it would need."""


class Exempt(SkipTest):
    """A test fails as its exemption says it does."""


def expect(holds: object, message: str) -> None:
    """End the test as failed unless something holds."""
    if not holds:
        raise Failure(message)


def expect_same(found: object, wanted: object, what: str) -> None:
    """End the test as failed unless two values are equal."""
    if found != wanted:
        raise Failure(f"{what}: expected {shown(wanted)}, found {shown(found)}")


def shown(value: object) -> str:
    """Return a value as text of bearable length."""
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:600]}…"
