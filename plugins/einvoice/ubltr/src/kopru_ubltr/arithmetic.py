"""Whether the amounts of a document agree with each other.

Neither GİB's schema nor its schematron looks at sums. Tolerances: one kuruş where one value is derived from
one other; half a kuruş per line more where rounded lines are added up, because both "sum of rounded taxes"
and "rounded tax of the sum" are accepted practice. A value that is missing or unreadable is not compared;
others report it.
"""

from collections.abc import Iterator
from decimal import Decimal

from kopru.model import VAT, Finding
from kopru.model.money import CENT, HUNDRED, UNIT_PRICE, ZERO
from kopru_ubltr.kinds import BY_CODE, KindRules
from kopru_ubltr.summary import Convention, LineSummary, Summary, TaxSummary
from kopru_ubltr.text import plain
from kopru_ubltr.texts import TEXTS, finding

_HALF = Decimal("0.006")
"""What one rounded line may add to the gap: half a kuruş, and a little for VAT taken out of a gross price."""

_LENIENT = KindRules(code="", profiles=frozenset(), base_is_net=False)


def findings(document: Summary) -> Iterator[Finding]:
    """Yield one blocking finding per identity that does not hold."""
    rules = BY_CODE.get(document.kind, _LENIENT)
    for index, line in enumerate(document.lines):
        yield from _line(line, rules, f"lines[{index}]")
    yield from _taxes(document)
    yield from _withholding(document)
    yield from _totals(document, rules)


def _line(line: LineSummary, rules: KindRules, at: str) -> Iterator[Finding]:
    quantity, price, net = line.quantity, line.unit_price, line.net
    if any(value is not None and value < ZERO for value in (price, net)) or (
        quantity is not None and quantity <= ZERO
    ):
        yield finding("ubltr.line.not_positive", at)
    if quantity is not None and price is not None and net is not None:
        expected = quantity * price - line.allowance + line.charge
        yield from _compare("ubltr.line.amount", f"{at}.net", net, expected, CENT + quantity * UNIT_PRICE)
    for tax in line.taxes:
        if tax.base is not None and tax.rate is not None and tax.amount is not None:
            expected = tax.base * tax.rate / HUNDRED
            yield from _compare(
                "ubltr.line.tax_amount", f"{at}.taxes", tax.amount, expected, CENT, tax=tax.code
            )
    if line.taxes and line.tax is not None:
        full = _sum(line.taxes)
        expected = full if abs(line.tax - full) <= CENT else full - line.withheld
        yield from _compare("ubltr.line.tax_total", f"{at}.tax", line.tax, expected, CENT)
    only = line.taxes[0] if len(line.taxes) == 1 else None
    if rules.base_is_net and only and only.code == VAT and only.base is not None and net is not None:
        yield from _compare("ubltr.line.tax_base", f"{at}.taxes", only.base, net, CENT)


def _taxes(document: Summary) -> Iterator[Finding]:
    """Compare each tax and rate with its lines, or with base × rate where the lines do not tell.

    They do not when they carry no tax, or when discounts of the whole document change the bases.
    """
    own_discounts = bool(document.allowance or document.charge)
    by_line = {} if own_discounts else _groups(tax for line in document.lines for tax in line.taxes)
    for (code, rate), (base, amount, _) in _groups(document.added_taxes).items():
        if rate is None:
            continue
        rated = base * rate / HUNDRED
        line_base, line_amount, count = by_line.get((code, rate), (base, rated, 1))
        slack = CENT + _HALF * (count - 1)
        names: dict[str, object] = {"tax": code, "rate": rate}
        yield from _compare("ubltr.tax.base", "taxes.base", base, line_base, slack, **names)
        expected = rated if abs(amount - line_amount) <= slack else line_amount
        yield from _compare("ubltr.tax.amount", "taxes.amount", amount, expected, slack, **names)
    if document.tax is not None:
        full = _sum(document.taxes)
        net = _sum(document.added_taxes) - document.withheld
        expected = full if abs(full - document.tax) <= CENT else net
        yield from _compare("ubltr.tax.total", "tax", document.tax, expected, CENT)


def _withholding(document: Summary) -> Iterator[Finding]:
    if document.withholding_total is not None:
        expected = _sum(document.withholdings)
        yield from _compare("ubltr.tax.withheld", "withheld", document.withholding_total, expected, CENT)


def _totals(document: Summary, rules: KindRules) -> Iterator[Finding]:
    totals = document.totals
    exclusive, inclusive, payable = totals.tax_exclusive, totals.tax_inclusive, totals.payable
    readable = totals.line_extension is not None and all(line.net is not None for line in document.lines)
    if exclusive is not None and readable and document.convention is Convention.UNKNOWN:
        at = "totals.line_extension"
        yield finding("ubltr.totals.base", at, lines=totals.line_extension, exclusive=exclusive)
    taxes, withheld = _sum(document.added_taxes), document.withheld
    if exclusive is not None and inclusive is not None:
        # Some senders take the withheld VAT off already here.
        reduced = exclusive + taxes - withheld
        expected = reduced if abs(inclusive - reduced) <= CENT else exclusive + taxes
        yield from _compare("ubltr.totals.tax_inclusive", "totals.tax_inclusive", inclusive, expected, CENT)
    if exclusive is not None and payable is not None:
        expected = exclusive + taxes - withheld + (totals.rounding or ZERO)
        if rules.vat_may_be_left and abs(payable - (expected - taxes)) <= CENT:
            return
        yield from _compare("ubltr.totals.payable", "totals.payable", payable, expected, CENT)


def _compare(
    code: str, at: str, stated: Decimal, expected: Decimal, slack: Decimal, /, **values: object
) -> Iterator[Finding]:
    if abs(stated - expected) > slack:
        yield _gap(code, at, stated=stated, expected=plain(expected), **values)


def _gap(code: str, at: str, /, **values: object) -> Finding:
    return Finding(code=code, message=TEXTS.text(code, **values), field=at)


def _sum(taxes: tuple[TaxSummary, ...]) -> Decimal:
    return sum((tax.amount or ZERO for tax in taxes), ZERO)


_Group = tuple[Decimal, Decimal, int]


def _groups(taxes: Iterator[TaxSummary] | tuple[TaxSummary, ...]) -> dict[tuple[str, Decimal | None], _Group]:
    """Add up base and amount per tax code and rate, and count the parts."""
    groups: dict[tuple[str, Decimal | None], _Group] = {}
    for tax in taxes:
        base, amount, count = groups.get((tax.code, tax.rate), (ZERO, ZERO, 0))
        groups[tax.code, tax.rate] = (base + (tax.base or ZERO), amount + (tax.amount or ZERO), count + 1)
    return groups
