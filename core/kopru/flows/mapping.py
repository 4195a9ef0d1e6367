"""What lines are: rules first, then the matcher and its advisers. Reads; nothing is stored here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from kopru.documents import ItemPolicy, Matching, MatchKey
from kopru.flows.env import Work
from kopru.flows.linerows import LineRow, LineSource, RuleRow, Taught
from kopru.flows.records import ItemRow, Reason
from kopru.flows.ruling import Ruled, needs_factor, partners_of, rule_keys, said_of
from kopru.flows.tenants import settings_of
from kopru.flows.texts_lines import TEXTS
from kopru.flows.trust import fits_price, is_trusted
from kopru.flows.vatfit import weighed
from kopru.hooks.advice import PastLine
from kopru.hooks.errors import ConfigError
from kopru.matching.api import Line, Memory, Policy, State, Suggestion, Verdict, Via

BATCH = 500
"""Lines looked at between two looks at the clock and the catalogue."""

MOST_PAST = 2_000
"""Past lines of a partner that advisers may be shown."""


def item_policy(work: Work) -> ItemPolicy:
    """Return the tenant's choices on items; the usual ones before settings were loaded."""
    try:
        return settings_of(work).items
    except ConfigError:
        return ItemPolicy()


def mapped(work: Work, lines: Sequence[LineRow]) -> list[LineRow]:
    """Return lines with what is now known of them, in order: state, suggestions, item, reason."""
    found: dict[UUID, LineRow] = {}
    by_partner: dict[str, list[LineRow]] = {}
    for line in lines:
        by_partner.setdefault(line.partner, []).append(line)
    for partner, own in by_partner.items():
        for start in range(0, len(own), BATCH):
            found |= {line.id: line for line in _mapped(work, partner, own[start : start + BATCH])}
    return [found[line.id] for line in lines]


def _mapped(work: Work, partner: str, lines: Sequence[LineRow]) -> list[LineRow]:
    with work.read() as uow:
        keys = {key for line in lines for key in rule_keys(line)}
        rules = uow.rules.for_lines(partners_of(partner), sorted(keys))
        taught = uow.rules.taught(partner)
    said = {line.id: said_of(line, rules) for line in lines}
    trusted = is_trusted(taught)
    done = {line.id: by_rule(line, ruled) for line in lines if (ruled := said[line.id]) and _decides(ruled)}
    if not trusted:
        done = {}
    left = [line for line in lines if line.id not in done]
    done |= {line.id: line for line in _matched(work, partner, left, said, taught)} if left else {}
    return [done[line.id] for line in lines]


def _decides(ruled: Ruled) -> bool:
    return ruled.rule is not None and ruled.sure and ruled.fits_unit


def by_rule(line: LineRow, ruled: Ruled) -> LineRow:
    """Return a line that a rule decides."""
    rule = ruled.rule
    assert rule is not None
    return replace(
        line,
        state=State.RESOLVED,
        reason=Reason("lines.rule", TEXTS.text("lines.rule", rule=rule_name(rule))),
        item_id=rule.item_id,
        item_code=rule.item_code,
        service=rule.service,
        factor=rule.factor,
        rule_id=rule.id,
        alone=True,
        parked="",
    )


def rule_name(rule: RuleRow) -> str:
    """Return how a rule is called in messages."""
    return f"{rule.kind.value} {rule.key}"


def _matched(
    work: Work,
    partner: str,
    lines: Sequence[LineRow],
    said: Mapping[UUID, Ruled | None],
    taught: Taught,
) -> list[LineRow]:
    from kopru.flows.advising import Facts, advise  # noqa: PLC0415 - numpy is slow to import

    policy, limited = _policy(work, taught)
    verdicts = advise(
        work,
        work.env.indexes.matcher(work),
        [_asked(line, said[line.id]) for line in lines],
        partner=partner,
        facts={str(line.id): Facts(line.quantity, line.price, line.currency or "TRY") for line in lines},
        past=lambda: _past(work, partner),
        memory=Memory(taught.words, taught.rejected),
        policy=policy,
    )
    cards = _cards(work, verdicts)
    rates = {id: card.vat_rate for id, card in cards.items()}
    return [
        _judged(work, line, weighed(verdict, line.vat_rate, rates), said[line.id], limited, cards)
        for line, verdict in zip(lines, verdicts, strict=True)
    ]


def _cards(work: Work, verdicts: Sequence[Verdict]) -> Mapping[str, ItemRow]:
    """Return the suggested items."""
    ids = {UUID(each.item_id) for verdict in verdicts for each in verdict.suggestions}
    if not ids:
        return {}
    with work.read() as uow:
        return {str(id): item for id, item in uow.catalogue.items(sorted(ids)).items()}


def _policy(work: Work, taught: Taught) -> tuple[Policy, str]:
    """Return by what lines of this partner may be decided alone, and the code of what limits it."""
    items = item_policy(work)
    if not is_trusted(taught):
        return Policy(taught.threshold, frozenset()), "lines.untrusted"
    if items.matching is Matching.ASK:
        return Policy(taught.threshold, frozenset({Via.RULE})), "lines.asks"
    barred = set() if MatchKey.BARCODE in items.keys else {Via.BARCODE}
    return Policy(taught.threshold, frozenset(Via) - barred), ""


def _asked(line: LineRow, ruled: Ruled | None) -> Line:
    named = ruled.rule if ruled else None
    confirmed = str(named.item_id) if named and named.item_id else ""
    return Line(
        str(line.id),
        line.text,
        line.seller_code,
        line.barcode,
        line.unit,
        own_code=line.own_code,
        confirmed=confirmed,
    )


def _past(work: Work, partner: str) -> Iterable[PastLine]:
    with work.read() as uow:
        return uow.lines.past(partner, MOST_PAST)


def _judged(
    work: Work,
    line: LineRow,
    verdict: Verdict,
    ruled: Ruled | None,
    limited: str,
    cards: Mapping[str, ItemRow],
) -> LineRow:
    """Return a line with the verdict on it, unless rules, unit or price speak against it."""
    open_ = replace(
        line,
        state=verdict.state,
        reason=Reason(verdict.code, verdict.reason),
        suggestions=verdict.suggestions,
        version=verdict.version,
        item_id=None,
        item_code="",
        service="",
        factor=Decimal(1),
        rule_id=None,
        alone=False,
    )
    objection = _objection(work, open_, ruled, cards)
    if objection is not None:
        return replace(open_, state=objection[0], reason=objection[1])
    best = verdict.best
    if verdict.state is not State.RESOLVED or best is None:
        told = limited and open_.state is State.SUGGESTED and open_.clean
        return replace(open_, reason=_reason(limited)) if told else open_
    rule = ruled.rule if ruled and best.via is Via.RULE else None
    factor = rule.factor if rule else best.case_size or Decimal(1)
    return replace(
        open_,
        item_id=UUID(best.item_id),
        item_code=best.item_code,
        factor=factor,
        rule_id=rule.id if rule else None,
        alone=True,
        parked="",
    )


def _objection(
    work: Work, line: LineRow, ruled: Ruled | None, cards: Mapping[str, ItemRow]
) -> tuple[State, Reason] | None:
    """Return why a line goes to a person whatever the matcher says, and in which state."""
    if ruled is not None and ruled.disagreeing:
        names = ", ".join(rule_name(rule) for rule in ruled.disagreeing)
        return State.CONFLICT, _reason("lines.rules_differ", rules=names)
    asks = State.SUGGESTED if line.suggestions else State.UNMATCHED
    if ruled is not None and ruled.rule is not None and not ruled.fits_unit:
        known, unit = ruled.rule.unit, line.unit
        return asks, _reason("lines.unit_differs", known=known, unit=unit)
    if line.state is not State.RESOLVED:
        return None
    best = line.best
    card = cards.get(best.item_id) if best is not None else None
    told = ruled is not None and ruled.rule is not None
    if best is not None and card is not None and not told and _lacks_factor(line, best, card):
        return asks, _reason("lines.factor_open", unit=line.unit, known=card.unit)
    if best is not None and line.price:
        factor = ruled.rule.factor if ruled and ruled.rule else best.case_size or Decimal(1)
        with work.read() as uow:
            known_prices = uow.lines.unit_prices(UUID(best.item_id), line.partner, line.currency)
        usual = fits_price(line.price / factor, known_prices)
        if usual is not None:
            price = round(line.price / factor, 2)
            return asks, _reason("lines.price_ratio", price=price, usual=round(usual, 2))
    return None


def _lacks_factor(line: LineRow, best: Suggestion, card: ItemRow) -> bool:
    """Whether nobody said how many of the item one unit of a bought line is; sold lines have no factor."""
    return (
        line.source is not LineSource.ORDER and best.case_size is None and needs_factor(line.unit, card.unit)
    )


def _reason(code: str, **values: object) -> Reason:
    return Reason(code, TEXTS.text(code, **values))
