"""Putting the advice of plugins and the verdict of the built-in matcher together. Pure.

Advice shifts the odds of an item, it never opens a gate: what a line contradicts goes to a person, whoever is
sure. Nor does it outrank what a person confirmed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, fsum, log

from kopru.flows.texts_advice import TEXTS
from kopru.hooks.advice import LineAdvice
from kopru.matching.api import Gate, Policy, Reasons, State, Suggestion, Verdict, Via
from kopru.model import Text

STRENGTH = 3.0
"""What a weight of 1 adds to the logarithm of the odds: they become twenty times as high."""

OBJECTION = 0.5
"""Weight against an item, or for another one, from which a person is asked."""

UNSEEN = 0.02
"""Probability of an item that the matcher did not bring up, before any advice."""

_SURE = 0.9999
_IDENTIFIED = frozenset({Via.CODE, Via.BARCODE})


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one adviser (``name version``) says about one item of a line."""

    adviser: str
    advice: LineAdvice


@dataclass(frozen=True, slots=True)
class Named:
    """Code and name of an item that only advisers bring up."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Advised(Reasons):
    """The matcher's evidence together with what advisers said."""

    said: tuple[Text, ...] = ()

    @property
    def text(self) -> Text:
        """The evidence and the advice, for the user."""
        seen = Reasons(self.matched, self.line_only, self.item_only)
        return _joined((seen.text, *self.said) if seen != Reasons() else self.said)


def said_of(reasons: Reasons) -> tuple[Text, ...]:
    """Return what advisers said of an item, for storing it."""
    return reasons.said if isinstance(reasons, Advised) else ()


def reasons_of(seen: Reasons, said: tuple[Text, ...]) -> Reasons:
    """Return the matcher's evidence with what advisers said, as it was stored."""
    return Advised(seen.matched, seen.line_only, seen.item_only, said) if said else seen


@dataclass(frozen=True, slots=True)
class _Stand:
    """What all advisers together say about one item."""

    weight: float
    reasons: tuple[Text, ...]


def merged(
    verdict: Verdict,
    opinions: Iterable[Opinion],
    policy: Policy,
    threshold: float,
    items: Mapping[str, Named],
) -> Verdict:
    """Return the verdict with advice taken in; the order in which advisers were asked does not matter.

    Args:
        verdict: the built-in matcher's.
        opinions: about this line.
        policy: by what a line may be resolved alone.
        threshold: least score at which it is.
        items: the items that opinions may name besides the suggested ones.
    """
    given = sorted(opinions, key=lambda each: (each.advice.item_id, each.adviser))
    stands = _stands(given)
    if not stands or verdict.state is State.NOT_TRIED or _by_rule(verdict):
        return verdict
    version = "+".join((verdict.version, *sorted({each.adviser for each in given})))
    known = [_shifted(each, stands.get(each.item_id), version) for each in verdict.suggestions]
    pinned, free = (known[:1], known[1:]) if _identified(verdict) else ([], known)
    free += _unseen(verdict, stands, items, version)
    suggestions = (*pinned, *sorted(free, key=lambda each: -each.score))
    state, code, reason = _state(verdict, suggestions, stands, policy, threshold)
    if state is verdict.state is State.RESOLVED:
        # What was resolved and met no objection stays, however little its score says.
        suggestions = (known[0], *(each for each in suggestions if each is not known[0]))
    return replace(verdict, state=state, suggestions=suggestions, code=code, reason=reason, version=version)


def _stands(opinions: Sequence[Opinion]) -> dict[str, _Stand]:
    by_item: dict[str, list[LineAdvice]] = {}
    for opinion in opinions:
        by_item.setdefault(opinion.advice.item_id, []).append(opinion.advice)
    return {
        item_id: _Stand(
            max(-1.0, min(1.0, fsum(each.weight for each in advice))), tuple(each.reason for each in advice)
        )
        for item_id, advice in by_item.items()
    }


def _by_rule(verdict: Verdict) -> bool:
    """Whether a person's own rule decided."""
    best = verdict.best
    return verdict.state is State.RESOLVED and best is not None and best.via is Via.RULE


def _identified(verdict: Verdict) -> bool:
    best = verdict.best
    return verdict.state is State.RESOLVED and best is not None and best.via in _IDENTIFIED


def _shifted(suggestion: Suggestion, stand: _Stand | None, version: str) -> Suggestion:
    if stand is None:
        return suggestion
    reasons = reasons_of(suggestion.reasons, stand.reasons)
    return replace(
        suggestion, score=shifted(suggestion.score, stand.weight), reasons=reasons, version=version
    )


def shifted(score: float, weight: float) -> float:
    """Return a probability after advice of a weight; a score of 0 or 1 is not taken for certainty."""
    sure = min(max(score, 1 - _SURE), _SURE)
    odds = log(sure / (1 - sure)) + STRENGTH * weight
    return round(1 / (1 + exp(-odds)), 5)


def _unseen(
    verdict: Verdict, stands: Mapping[str, _Stand], items: Mapping[str, Named], version: str
) -> list[Suggestion]:
    """Return items that only advisers bring up; too little is known of them to be resolved alone."""
    seen = {each.item_id for each in verdict.suggestions}
    return [
        Suggestion(
            item_id=item_id,
            item_code=items[item_id].code,
            name=items[item_id].name,
            score=shifted(UNSEEN, stand.weight),
            via=Via.TEXT,
            reasons=Advised(said=stand.reasons),
            gates=frozenset({Gate.RIVAL}),
            case_size=None,
            version=version,
        )
        for item_id, stand in stands.items()
        if item_id not in seen and item_id in items and stand.weight > 0
    ]


def _state(
    verdict: Verdict,
    suggestions: Sequence[Suggestion],
    stands: Mapping[str, _Stand],
    policy: Policy,
    threshold: float,
) -> tuple[State, str, Text]:
    """Return what becomes of the line, and why."""
    if verdict.state is State.RESOLVED:
        objection = _objection(verdict, suggestions, stands, threshold)
        if objection is not None:
            return State.SUGGESTED, "advice.objected", _told("advice.objected", objection)
    elif verdict.state is State.SUGGESTED:
        backing = _backing(verdict, suggestions, stands, policy, threshold)
        if backing is not None:
            return State.RESOLVED, "advice.resolved", _told("advice.resolved", _joined(backing.reasons))
    elif verdict.state is State.UNMATCHED and any(stand.weight > 0 for stand in stands.values()):
        best = max(stands.values(), key=lambda stand: stand.weight)
        return State.SUGGESTED, "advice.suggested", _told("advice.suggested", _joined(best.reasons))
    return verdict.state, verdict.code, verdict.reason


def _objection(
    verdict: Verdict, suggestions: Sequence[Suggestion], stands: Mapping[str, _Stand], threshold: float
) -> Text | None:
    """Return why a resolved line goes to a person after all, or nothing."""
    chosen = verdict.suggestions[0]
    mine = stands.get(chosen.item_id, _Stand(0.0, ()))
    if mine.weight <= -OBJECTION:
        return _joined(mine.reasons)
    for item_id, stand in stands.items():
        if item_id != chosen.item_id and stand.weight >= OBJECTION and stand.weight > mine.weight:
            return _joined(stand.reasons)
    now = next(each for each in suggestions if each.item_id == chosen.item_id)
    fell = chosen.via not in _IDENTIFIED and (now.score < threshold or suggestions[0] is not now)
    return _joined(mine.reasons) if fell and mine.reasons else None


def _backing(
    verdict: Verdict,
    suggestions: Sequence[Suggestion],
    stands: Mapping[str, _Stand],
    policy: Policy,
    threshold: float,
) -> _Stand | None:
    """Return the advice that settles a suggested line, or nothing. Advice for two items settles neither."""
    best, seen = suggestions[0], {each.item_id for each in verdict.suggestions}
    backed = [item_id for item_id, stand in stands.items() if stand.weight > 0]
    open_ = not best.gates and not any(Gate.RIVAL in each.gates for each in verdict.suggestions)
    may = best.item_id in seen and best.via in policy.alone and best.score >= threshold
    return stands[best.item_id] if backed == [best.item_id] and open_ and may else None


def _told(code: str, reason: Text) -> Text:
    template = TEXTS[code]
    return Text(tr=template.tr.format(reason=reason.tr), en=template.en.format(reason=reason.en))


def _joined(texts: Iterable[Text]) -> Text:
    found = tuple(texts)
    return Text(
        tr=" ".join(each.tr for each in found if each.tr), en=" ".join(each.en for each in found if each.en)
    )
