"""Uyumsoft's refusals: an answer that says it did not succeed, or a fault that blames the caller.

Both carry words for people and no code, so that nothing is read out of the words; what a refusal means is
found out by asking further.
"""

from typing import Any

from kopru.model import Finding, Text
from kopru.sdk import ConnectorError, OutcomeUnknown, Rejected, TransientError
from kopru.toolkit import soap
from kopru_uyumsoft.texts import TEXTS

REFUSED = "uyumsoft.refused"
FAULTED = "uyumsoft.faulted"
REFUSALS = frozenset({REFUSED, FAULTED})

_BLAMES_THE_CALLER = frozenset({"Client", "Sender"})
_LONGEST = 1000


def explain(fault: soap.Fault) -> ConnectorError | None:
    """Return the refusal a fault stands for, ``None`` for a fault of the server.

    A fault with the code ``Client`` says that the message was not carried out (SOAP 1.1, 4.4.1).
    """
    if fault.codes and fault.codes[0] in _BLAMES_THE_CALLER:
        return _refusal(FAULTED, fault.text)
    return None


def opened(answer: Any, *, write: bool) -> Any:
    """Return the ``Value`` of an answer ``{IsSucceded, Message, Value}``.

    Raises:
        Rejected: ``uyumsoft.refused`` with Uyumsoft's words.
        TransientError: the answer has another shape.
        OutcomeUnknown: the same after a write.
    """
    succeeded = answer.get("IsSucceded") if isinstance(answer, dict) else None
    if succeeded is True:
        return answer.get("Value")
    if succeeded is False:
        raise _refusal(REFUSED, words(answer.get("Message")))
    raise malformed("IsSucceded", write=write)


def malformed(what: str, *, write: bool = False) -> ConnectorError:
    """Return the error for an answer of another shape than documented."""
    code = "uyumsoft.answer.malformed"
    return (OutcomeUnknown if write else TransientError)(code, TEXTS[code], detail=what)


def words(value: Any) -> str:
    """Return what Uyumsoft says, fit to be shown."""
    return " ".join(value.replace("\x00", "").split())[:_LONGEST] if isinstance(value, str) else ""


def _refusal(code: str, said: str) -> Rejected:
    said = words(said)
    text: Text = TEXTS.text(REFUSED, reason=said or "?")
    return Rejected(code, text, findings=(Finding(code=REFUSED, message=text, detail=said),), detail=said)
