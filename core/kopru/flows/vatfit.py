"""What the VAT rate of a line says about the items it may be. Pure.

Goods share few rates, so an equal rate says nothing; another rate speaks for another item. Rates of cards may
be older than the law, so it never contradicts a rule, code or barcode: only a name alone gives way to it.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from kopru.flows.opinions import reasons_of, said_of, shifted
from kopru.flows.texts_lines import TEXTS
from kopru.matching.api import Gate, State, Suggestion, Verdict, Via
from kopru.model import Text

AGAINST = -0.5
"""Weight, as advisers give it, of a rate that differs."""

_BY_NAME = frozenset({Via.TEXT, Via.ALIAS})


def weighed(verdict: Verdict, rate: Decimal | None, rates: Mapping[str, Decimal | None]) -> Verdict:
    """Return the verdict with the line's VAT rate taken in.

    Args:
        verdict: of the matcher and its advisers.
        rate: per cent, as the line states it.
        rates: per cent by item id, as the cards have it.
    """
    if rate is None or not any(_differs(each, rate, rates) for each in verdict.suggestions):
        return verdict
    best = verdict.suggestions[0]
    told = [_told(each, rate, rates) if _differs(each, rate, rates) else each for each in verdict.suggestions]
    if verdict.state is State.RESOLVED and (best.via not in _BY_NAME or not _differs(best, rate, rates)):
        return replace(verdict, suggestions=(told[0], *_by_score(told[1:])))
    suggestions = tuple(_by_score(told))
    if verdict.state is not State.RESOLVED:
        return replace(verdict, suggestions=suggestions)
    reason = _reason("lines.vat_differs", rate, rates[best.item_id])
    return replace(
        verdict, state=State.SUGGESTED, suggestions=suggestions, code="lines.vat_differs", reason=reason
    )


def _differs(each: Suggestion, rate: Decimal, rates: Mapping[str, Decimal | None]) -> bool:
    known = rates.get(each.item_id)
    return known is not None and known != rate


def _told(each: Suggestion, rate: Decimal, rates: Mapping[str, Decimal | None]) -> Suggestion:
    """Return a suggestion less likely, with the reason; what an identifier names keeps its score."""
    said = (*said_of(each.reasons), _reason("lines.vat_said", rate, rates[each.item_id]))
    score = shifted(each.score, AGAINST) if each.via in _BY_NAME else each.score
    gates = each.gates | {Gate.VAT} if each.via in _BY_NAME else each.gates
    return replace(each, score=score, reasons=reasons_of(each.reasons, said), gates=gates)


def _by_score(suggestions: list[Suggestion]) -> list[Suggestion]:
    return sorted(suggestions, key=lambda each: -each.score)


def _reason(code: str, rate: Decimal, known: Decimal | None) -> Text:
    return TEXTS.text(code, rate=_shown(rate), known=_shown(known or Decimal(0)))


def _shown(rate: Decimal) -> str:
    return f"{rate.normalize():f}"
