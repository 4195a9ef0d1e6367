"""The posting protocol in small: how a write is brought to an end although answers get lost.

It follows the repeat mode that the plugin declares, as the engine does: nothing is sent a second time before
a look-up where the target would store it twice, and "absent" counts only once the target has come to rest.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kopru.hooks.errors import Conflict, ConnectorError, OutcomeUnknown, TransientError
from kopru.hooks.manifest import Repeat, Write
from kopru.hooks.types import Absent, CannotTell, Found, Located
from kopru.model import Text

_TRIES = 5
_ASKS = frozenset({Repeat.QUERY_BY_REF, Repeat.NONE})
"""Modes in which nobody but a look-up, or a person, may decide about a repeat."""


@dataclass
class Posting:
    """One write on its way to the end.

    ``answer`` is what the target said in the end, ``None`` when only a person can tell. ``trail`` is what
    happened on the way.
    """

    facts: Write
    send: Callable[[], Any]
    locate: Callable[[], Located]
    settle: Callable[[], object]
    answer: Any = None
    trail: list[str] = field(default_factory=list)

    def run(self) -> "Posting":
        """Send, look up and repeat until the outcome is known."""
        unknown = False
        for _ in range(_TRIES):
            if unknown and (self._found() or self._asks()):
                return self
            try:
                self.answer = self.send()
                self.trail.append("sent")
                return self
            except (OutcomeUnknown, Conflict) as error:
                unknown = True
                self.trail.append(type(error).__name__)
                if isinstance(error, Conflict) and self.facts.repeat_after is not None:
                    # The target has exactly this request already.
                    self.answer = error
                    return self
            except TransientError as error:
                self.trail.append(type(error).__name__)
        self.trail.append("gave up")
        return self

    @property
    def decided(self) -> bool:
        """Whether it came to an end without a person."""
        return self.answer is not None

    @property
    def story(self) -> str:
        """Return the trail as text."""
        return " → ".join(self.trail)

    def _found(self) -> bool:
        self.settle()
        try:
            located = self.locate()
        except ConnectorError as error:
            self.trail.append(f"look-up failed with {type(error).__name__}")
            return False
        self.trail.append(type(located).__name__)
        if isinstance(located, Found):
            self.answer = located.receipt
        return isinstance(located, Found)

    def _asks(self) -> bool:
        """Whether a person has to decide before anything is sent again."""
        last = self.trail[-1]
        if self.facts.repeat is Repeat.NONE:
            return True
        return self.facts.repeat in _ASKS and last != Absent.__name__


def no_lookup() -> Located:
    """Return the answer of a plugin that cannot look up."""
    return CannotTell(Text(tr="Bakılamıyor.", en="It cannot be looked up."))
