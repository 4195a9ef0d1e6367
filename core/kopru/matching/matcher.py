"""Which own item a line is: identifiers first, checked against the text, then the text alone.

What identifiers claim is resolved unless the text contradicts it; what the text alone suggests is resolved
when no gate is shut and the calibrated score reaches the threshold. Everything else is a suggestion for a
person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp

import numpy as np

from kopru.matching import explain
from kopru.matching.api import (
    DEFAULT_POLICY,
    NO_MEMORY,
    Gate,
    Line,
    Memory,
    Policy,
    State,
    Suggestion,
    Verdict,
    Via,
)
from kopru.matching.claims import Claims, Owner, claims_of
from kopru.matching.compare import LineView, compare
from kopru.matching.features import RANK, confidence_row
from kopru.matching.gates import contradictions, gates_of, left_out
from kopru.matching.identifiers import gtin
from kopru.matching.index import Index
from kopru.matching.model import Model, shipped
from kopru.matching.normalise import code_chars, fold, text_key
from kopru.matching.parse import Parsed, Word, parse_line
from kopru.matching.ranking import Candidate, Ranking, candidates, ranked
from kopru.matching.retrieval import LIMIT, Found, Retriever
from kopru.matching.texts_lines import TEXTS
from kopru.model import Text

WORTH_SUGGESTING = 0.02
"""Least probability of the best candidate; below it, and unless its words fit, nothing was found."""

_LIKE = 0.5

_CLAIMED = 0.999
_ALIAS = 0.997
_BETTER = 0.5
"""Lead in rank score at which the text is said to name another item than the identifier."""

_SUPPORTED = 0.2
"""Least share of a line's words an identifier's item must explain, if the catalogue knows any of them."""

_LINE_COVER = RANK.index("line_cover")


@dataclass(frozen=True, slots=True)
class _Case:
    """One line on the desk."""

    line: Line
    parsed: Parsed
    claims: Claims
    policy: Policy
    limit: int
    ranking: Ranking | None


class Matcher:
    """Answers lines out of an index. Immutable and safe to share between threads."""

    def __init__(self, index: Index, model: Model | None = None) -> None:
        """Take an index, and other constants than the shipped ones when measuring."""
        self.index = index
        self.model = model or shipped()
        self._retriever = Retriever(index)

    @property
    def version(self) -> str:
        """Version of the algorithm and its constants; stands on every suggestion."""
        return self.model.version

    def match(
        self,
        lines: Iterable[Line],
        *,
        limit: int = 5,
        memory: Memory = NO_MEMORY,
        policy: Policy = DEFAULT_POLICY,
    ) -> list[Verdict]:
        """Return a verdict for each line, in order.

        Args:
            lines: of one partner, when ``memory`` is given.
            limit: suggestions a line, at most.
            memory: what the partner taught.
            policy: when a line is resolved alone.
        """
        return [self._match(line, limit, memory, policy) for line in lines]

    def _match(self, line: Line, limit: int, memory: Memory, policy: Policy) -> Verdict:
        if not line.tried:
            return self._verdict(line, State.NOT_TRIED, (), "match.line.not_tried")
        parsed = _understood(parse_line(line.text, line.unit), memory)
        claims = claims_of(line, self.index)
        view = LineView(parsed, self._retriever.words(parsed), code_chars(line.seller_code))
        found = candidates(self._retriever, view, max(LIMIT, limit))
        found += self._claimed(claims, view, found)
        found = _allowed(found, line, memory)
        if not found:
            empty = not (parsed.words or parsed.numbers or parsed.models or claims.found)
            return self._verdict(
                line, State.UNMATCHED, (), "match.line.empty" if empty else "match.line.unmatched"
            )
        ranking = ranked(found, self.model.rank, self.index.heaviest)
        case = _Case(line, parsed, claims, policy, limit, ranking)
        return self._by_claims(case, ranking) if claims.found else self._by_text(case, ranking)

    def _claimed(self, claims: Claims, view: LineView, found: Sequence[Candidate]) -> list[Candidate]:
        """Return the names of claimed items that the text alone did not bring up."""
        known = {Owner(each.found.shelf, each.row) for each in found}
        least = found[-1].found.score if found else 0.0
        return [
            Candidate(Found(owner.shelf, doc, least), owner.row, compare(view, owner.shelf.view(doc)))
            for owner in claims.owners
            if owner not in known
            for doc in owner.shelf.segment.names_of(owner.row)
        ]

    def _by_text(self, case: _Case, ranking: Ranking) -> Verdict:
        probability = self._probability(ranking)
        best = ranking.best
        gates = self._gates(case, best) | self._stated(case, best) | _rivals(ranking)
        alias = _is_alias(best, case.line)
        via = Via.ALIAS if alias else Via.TEXT
        if alias and not gates:
            probability = max(probability, _ALIAS)
        suggestions = self._suggestions(case, ranking, probability, gates, via)
        if self._may(case, via, probability, gates):
            return self._verdict(case.line, State.RESOLVED, suggestions, explain.resolved_code(via))
        if probability < WORTH_SUGGESTING and ranking.rows[ranking.order[0], _LINE_COVER] < _LIKE:
            return self._verdict(case.line, State.UNMATCHED, suggestions, "match.line.unmatched")
        return self._verdict(case.line, State.SUGGESTED, suggestions, explain.gate_code(gates))

    def _by_claims(self, case: _Case, ranking: Ranking) -> Verdict:
        owners = case.claims.agreed
        places = [at for at in ranking.order if _owner(ranking.candidates[at]) in owners]
        if not owners:
            return self._keys_differ(case, ranking)
        if not places:
            return self._by_text(case, ranking)
        via = case.claims.found[0].via
        if len(owners) > 1:
            return self._several(case, ranking, places, via)
        first = places[0]
        claimed = ranking.candidates[first]
        against = _against(case, claimed) | (frozenset() if via is Via.RULE else self._stated(case, claimed))
        ordered = _reordered(ranking, first)
        score = _CLAIMED if not against else self._probability(ordered)
        suggestions = self._suggestions(case, ordered, score, against, via)
        if against:
            return self._verdict(case.line, State.CONFLICT, suggestions, explain.gate_code(against))
        doubt = self._doubt(case, ranking, first, via)
        if doubt is not None:
            lowered = self._suggestions(case, ranking, self._probability(ranking), frozenset(), Via.TEXT)
            return self._verdict(case.line, State.CONFLICT, lowered, doubt[0], doubt[1])
        if via not in case.policy.alone:
            return self._verdict(case.line, State.SUGGESTED, suggestions, "match.line.suggested")
        return self._verdict(case.line, State.RESOLVED, suggestions, explain.resolved_code(via))

    def _doubt(self, case: _Case, ranking: Ranking, place: int, via: Via) -> tuple[str, Text] | None:
        """Return why the text speaks against the item an identifier names, or nothing."""
        claimed, best = ranking.candidates[place], ranking.order[0]
        name = claimed.found.shelf.segment.text("name", claimed.found.doc)
        words = claimed.facts.line.words
        if via is Via.RULE or not (words or case.parsed.models or case.parsed.numbers):
            return None
        if any(word.known for word in words) and ranking.rows[place, _LINE_COVER] < _SUPPORTED:
            code = "match.line.text_differs"
            return code, explain.key_text(via, code, item=name)
        if best != place and ranking.scores[best] - ranking.scores[place] > _BETTER:
            other = ranking.best.found.shelf.segment.text("name", ranking.best.found.doc)
            code = "match.line.other_fits"
            return code, explain.key_text(via, code, item=name, other=other)
        return None

    def _several(self, case: _Case, ranking: Ranking, places: Sequence[int], via: Via) -> Verdict:
        """Answer a line whose identifier names several items: the text may only tell which one to show
        first."""
        ordered = _reordered(ranking, places[0])
        gates = self._gates(case, ordered.best) | {Gate.RIVAL}
        suggestions = self._suggestions(case, ordered, self._probability(ordered), gates, via)
        return self._verdict(case.line, State.SUGGESTED, suggestions, "match.line.rival")

    def _keys_differ(self, case: _Case, ranking: Ranking) -> Verdict:
        suggestions = self._suggestions(case, ranking, self._probability(ranking), frozenset(), Via.TEXT)
        items = ", ".join(owner.code for owner in case.claims.owners)
        text = TEXTS.text("match.line.keys_differ", items=items)
        return self._verdict(case.line, State.CONFLICT, suggestions, "match.line.keys_differ", text)

    def _probability(self, ranking: Ranking) -> float:
        row = confidence_row(ranking.rows, ranking.scores, ranking.order, ranking.best.facts)
        score = self.model.confidence.score(np.array([row], np.float32))
        return self.model.calibration.probability(float(score[0]))

    def _may(self, case: _Case, via: Via, probability: float, gates: frozenset[Gate]) -> bool:
        least = self.model.threshold if case.policy.threshold is None else case.policy.threshold
        return not gates and via in case.policy.alone and probability >= least

    def _gates(self, case: _Case, candidate: Candidate) -> frozenset[Gate]:
        """Return the gates of a name; an alias must not hide what the item's own name contradicts."""
        found = gates_of(candidate.facts) | left_out(candidate.facts, self.index.heaviest)
        own = candidate.found.shelf.segment.names_of(candidate.row)[0]
        if own != candidate.found.doc and not _is_alias(candidate, case.line):
            found |= contradictions(compare(candidate.facts.line, candidate.found.shelf.view(own)))
        return found

    def _stated(self, case: _Case, candidate: Candidate) -> frozenset[Gate]:
        """Return the gates of identifiers that are stated and are not this item's."""
        found = set()
        named = {claim.via for claim in case.claims.found if _owner(candidate) not in claim.owners}
        if case.claims.unknown_code or Via.CODE in named:
            found.add(Gate.CODE)
        if named & {Via.BARCODE, Via.RULE}:
            found.add(Gate.BARCODE)
        if case.claims.unknown_barcode:
            barcodes = candidate.found.shelf.segment.text("barcodes", candidate.row).split()
            if any(gtin(barcode) is not None for barcode in barcodes):
                found.add(Gate.BARCODE)
        return frozenset(found)

    def _suggestions(
        self, case: _Case, ranking: Ranking, probability: float, gates: frozenset[Gate], via: Via
    ) -> tuple[Suggestion, ...]:
        """Return the best candidates; those behind the first share its score by how far they are behind."""
        top = float(ranking.scores[ranking.order[0]])
        case_size = Decimal(case.parsed.case.value) if case.parsed.case else None
        found = []
        for at in ranking.order[: case.limit]:
            each, first = ranking.candidates[at], at == ranking.order[0]
            segment = each.found.shelf.segment
            behind = exp(-max(0.0, top - float(ranking.scores[at])))
            found.append(
                Suggestion(
                    item_id=segment.text("id", each.row),
                    item_code=segment.text("code", each.row),
                    name=segment.text("name", each.found.doc),
                    score=round(probability if first else probability * behind, 5),
                    via=via if first else Via.TEXT,
                    reasons=explain.reasons(each.facts),
                    gates=gates if first else self._gates(case, each) | self._stated(case, each),
                    case_size=case_size,
                    version=self.version,
                )
            )
        return tuple(found)

    def _verdict(
        self,
        line: Line,
        state: State,
        suggestions: tuple[Suggestion, ...],
        code: str,
        reason: Text | None = None,
    ) -> Verdict:
        return Verdict(line.id, state, suggestions, reason or TEXTS[code], code, self.version)


def _understood(parsed: Parsed, memory: Memory) -> Parsed:
    """Put the catalogue's words in place of the partner's own."""
    if not memory.words:
        return parsed
    words = [
        meant
        for word in parsed.words
        for meant in (
            [Word(each) for each in fold(memory.words[word.text]).split()]
            if word.text in memory.words
            else [word]
        )
    ]
    return Parsed(tuple(words), parsed.numbers, parsed.models, parsed.ratios, parsed.case, parsed.sequence)


def _allowed(found: list[Candidate], line: Line, memory: Memory) -> list[Candidate]:
    """Leave out what a person rejected for this text."""
    if not memory.rejected:
        return found
    key = text_key(line.text)
    return [each for each in found if (key, _owner(each).id) not in memory.rejected]


def _owner(candidate: Candidate) -> Owner:
    return Owner(candidate.found.shelf, candidate.row)


def _is_alias(candidate: Candidate, line: Line) -> bool:
    """Whether the line's text is a further name of the item, word for word."""
    segment = candidate.found.shelf.segment
    if segment.names_of(candidate.row)[0] == candidate.found.doc:
        return False
    return text_key(segment.text("name", candidate.found.doc)) == text_key(line.text)


def _against(case: _Case, claimed: Candidate) -> frozenset[Gate]:
    """Return what in the text, or in a barcode nobody has, excludes the item an identifier names."""
    if _is_alias(claimed, case.line):
        return frozenset()
    names = claimed.found.shelf.segment.names_of(claimed.row)
    found = contradictions(claimed.facts)
    if names[0] != claimed.found.doc:
        found |= contradictions(compare(claimed.facts.line, claimed.found.shelf.view(names[0])))
    return found


def _rivals(ranking: Ranking) -> frozenset[Gate]:
    """Return the gate of another item that fits exactly as well."""
    if len(ranking.order) > 1:
        first, second = ranking.order[:2]
        if ranking.scores[first] - ranking.scores[second] < 1e-6:
            return frozenset({Gate.RIVAL})
    return frozenset()


def _reordered(ranking: Ranking, first: int) -> Ranking:
    order = [first, *(place for place in ranking.order if place != first)]
    return Ranking(ranking.candidates, ranking.rows, ranking.scores, order)
