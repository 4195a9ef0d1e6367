"""The decision table at work: which document an order becomes, and why. First match wins."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum

from kopru.documents.rules import Rule, Stages, When
from kopru.documents.settings import Series, TenantSettings
from kopru.documents.texts import TEXTS
from kopru.model import InvoiceKind, Order, OrderStatus, Profile, TaxId, TaxScheme, Text
from kopru.toolkit import taxnumbers
from kopru.toolkit.fold import fold


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the table looks at.

    ``channel`` is the connection's name. ``registered`` is the answer to the recipient look-up; ``None``
    means nobody asked yet. When no channel can be asked, the source's own word
    (``order.buyer.einvoice_registered``) goes here, and ``False`` when the source is silent too.
    """

    order: Order
    channel: str
    plugin: str = ""
    registered: bool | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """The order becomes this document."""

    kind: InvoiceKind
    profile: Profile
    series: Series
    stages: Stages
    rule: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The order waits: until one of these states, or for a person when there is none."""

    code: str
    reason: Text
    rule: str
    until: tuple[OrderStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclude:
    """The order never becomes a document."""

    code: str
    reason: Text
    rule: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """The buyer's registration must be known first: ask for this tax number, then decide again.

    Rows that make a document always need it, because an e-Arşiv invoice to a registered buyer is as wrong as
    an e-Fatura to any other.
    """

    tax_id: TaxId
    rule: str


Result = Issue | Hold | Exclude | LookUp


class Verdict(StrEnum):
    """What became of one row."""

    MATCHED = "matched"
    FAILED = "failed"
    UNDECIDED = "undecided"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a row against the order; ``holds`` is ``None`` when a fact is not known yet."""

    condition: str
    holds: bool | None
    expected: str
    actual: str

    @property
    def text(self) -> Text:
        """Return the condition in words."""
        code = {True: "holds", False: "fails", None: "open"}[self.holds]
        name = TEXTS.text(f"decision.condition.{self.condition}")
        template = TEXTS[f"decision.check.{code}"]
        return Text(
            tr=template.tr.format(name=name.tr, expected=self.expected, actual=self.actual),
            en=template.en.format(name=name.en, expected=self.expected, actual=self.actual),
        )


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One row of the explanation: the row's name, its verdict and every condition looked at."""

    rule: str
    verdict: Verdict
    checks: tuple[Check, ...] = ()

    @property
    def text(self) -> Text:
        """Return the row in words."""
        head = TEXTS.text(f"decision.verdict.{self.verdict.value}", rule=self.rule)
        parts = [check.text for check in self.checks]
        return Text(
            tr=": ".join(filter(None, (head.tr, "; ".join(part.tr for part in parts)))),
            en=": ".join(filter(None, (head.en, "; ".join(part.en for part in parts)))),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome and the whole table with what became of each row."""

    result: Result
    trace: tuple[TraceRow, ...]


CANCELLED = "engine.cancelled"
REPLACED = "engine.replaced"
NO_LINES = "engine.no_lines"
NO_RULE = "engine.no_rule"


def decide(settings: TenantSettings, facts: OrderFacts) -> Decision:
    """Decide what an order becomes.

    Orders that are cancelled, replaced or empty are excluded before the table is read. A row that makes a
    document never takes an order of unknown state unless it names that state or the source's own word.
    An order no row takes waits for a person.
    """
    guard = _guard(facts.order)
    if guard is not None:
        rows = (TraceRow(guard.rule, Verdict.MATCHED), *_not_reached(settings.rules))
        return Decision(guard, rows)
    trace: list[TraceRow] = []
    for index, rule in enumerate(settings.rules):
        checks = tuple(_checks(settings, facts, rule))
        verdict = _verdict(checks)
        trace.append(TraceRow(rule.name, verdict, checks))
        if verdict is Verdict.FAILED:
            continue
        trace += _not_reached(settings.rules[index + 1 :])
        return Decision(_result(settings, facts, rule, verdict), tuple(trace))
    return Decision(_hold("decision.no_rule", NO_RULE), tuple(trace))


def explain(settings: TenantSettings, facts: OrderFacts) -> tuple[Text, ...]:
    """Return the decision row by row in words."""
    return tuple(row.text for row in decide(settings, facts).trace)


def lookup_tax_id(order: Order) -> TaxId | None:
    """Return the buyer's tax number if a recipient look-up makes sense: real, Turkish, right check digit."""
    tax_id = order.buyer.tax_id
    if tax_id is None or tax_id.scheme is TaxScheme.FOREIGN or taxnumbers.is_placeholder(tax_id.value):
        return None
    return tax_id if taxnumbers.finding(tax_id) is None else None


def _guard(order: Order) -> Exclude | None:
    if order.status is OrderStatus.CANCELLED:
        return _exclude("decision.cancelled", CANCELLED)
    if order.status is OrderStatus.REPLACED:
        return _exclude("decision.replaced", REPLACED)
    if not order.live_lines:
        return _exclude("decision.no_lines", NO_LINES)
    return None


def _not_reached(rules: Iterable[Rule]) -> list[TraceRow]:
    return [TraceRow(rule.name, Verdict.NOT_REACHED) for rule in rules]


def _verdict(checks: tuple[Check, ...]) -> Verdict:
    if any(check.holds is False for check in checks):
        return Verdict.FAILED
    return Verdict.UNDECIDED if any(check.holds is None for check in checks) else Verdict.MATCHED


def _result(settings: TenantSettings, facts: OrderFacts, rule: Rule, verdict: Verdict) -> Result:
    if verdict is Verdict.UNDECIDED:
        tax_id = lookup_tax_id(facts.order)
        assert tax_id is not None  # registration is only open for a number that can be asked
        return LookUp(tax_id, rule.name)
    if rule.exclude is not None:
        return Exclude("decision.rule", _as_text(rule.exclude.reason), rule.name)
    if rule.hold is not None:
        return Hold("decision.rule", _as_text(rule.hold.reason), rule.name, rule.hold.until)
    return _issue(settings, facts, rule)


def _issue(settings: TenantSettings, facts: OrderFacts, rule: Rule) -> Issue | Hold:
    document = rule.document
    assert document is not None  # a rule has exactly one outcome
    profile = document.profile.profile(settings.issuer.profile)
    if document.series is None:
        series = settings.series_for(document.kind, profile, facts.channel)
    else:
        series = settings.series_by_key(document.series)
    if series is None:
        return _hold("decision.no_series", rule.name, kind=document.kind.value, profile=profile.value)
    stages = settings.stages.overridden(document.stages)
    return Issue(document.kind, profile, series, stages, rule.name)


def _checks(settings: TenantSettings, facts: OrderFacts, rule: Rule) -> Iterator[Check]:
    order, when = facts.order, rule.when
    buyer = order.buyer
    yield from _one_of("channel", when.channels, facts.channel)
    yield from _one_of("plugin", when.plugins, facts.plugin)
    yield from _one_of("status", when.status, order.status)
    yield from _one_of("raw_status", when.raw_status, order.raw_status, fold)
    yield from _one_of("payment", when.payment, order.payment.method)
    yield from _one_of("raw_payment", when.raw_payment, order.payment.raw, fold)
    yield from _one_of("carrier", when.carriers, order.shipping.carrier, fold)
    yield from _one_of("buyer", (when.buyer,) if when.buyer else (), buyer.kind)
    yield from _one_of("country", when.countries, buyer.address.country)
    yield from _one_of("currency", when.currencies, order.currency)
    yield from _range(when, order.total)
    yield from _flag("export", when.export, order.export)
    registered = _registered(settings, facts)
    yield from _flag("registered", when.registered, registered)
    if rule.document is None:
        return
    if registered is None and when.registered is None:
        yield Check("registered", None, "", "?")
    if _is_unknown(order, when):
        yield Check("known_status", False, "", order.raw_status or order.status.value)


def _registered(settings: TenantSettings, facts: OrderFacts) -> bool | None:
    if not settings.issuer.einvoice or lookup_tax_id(facts.order) is None:
        return False
    return facts.registered


def _is_unknown(order: Order, when: When) -> bool:
    return (
        order.status is OrderStatus.UNKNOWN and not when.raw_status and OrderStatus.UNKNOWN not in when.status
    )


def _one_of(
    name: str, wanted: Iterable[str], actual: str, key: Callable[[str], str] = str
) -> Iterator[Check]:
    entries = [_plain(entry) for entry in wanted]
    if entries:
        holds = key(_plain(actual)) in {key(entry) for entry in entries}
        yield Check(name, holds, ", ".join(entries), _plain(actual))


def _plain(value: str) -> str:
    return str(value.value) if isinstance(value, Enum) else value


def _range(when: When, total: Decimal) -> Iterator[Check]:
    if when.min_total is not None:
        yield Check("min_total", total >= when.min_total, str(when.min_total), str(total))
    if when.max_total is not None:
        yield Check("max_total", total <= when.max_total, str(when.max_total), str(total))


def _flag(name: str, wanted: bool | None, actual: bool | None) -> Iterator[Check]:
    if wanted is not None:
        holds = None if actual is None else actual is wanted
        yield Check(name, holds, _yes(wanted), "?" if actual is None else _yes(actual))


def _yes(value: bool) -> str:
    return "✓" if value else "✗"


def _as_text(reason: str) -> Text:
    return Text(tr=reason, en=reason)


def _hold(code: str, rule: str, **values: object) -> Hold:
    return Hold(code, TEXTS.text(code, **values), rule)


def _exclude(code: str, rule: str) -> Exclude:
    return Exclude(code, TEXTS.text(code), rule)
