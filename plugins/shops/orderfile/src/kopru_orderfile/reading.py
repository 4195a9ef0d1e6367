"""What the columns of a table mean where the headings do not tell, decided from the values themselves.

Number style and order of day and month are proved per column. Whether "Fiyat" is a unit price or a line's
amount, whether "Toplam" belongs to the line or to the order, and whether "KDV" is a rate or an amount is
decided by which reading makes the file's own sums come out. What the file does not prove stays undecided,
and only the orders it matters for are held.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product

from kopru.model.money import HUNDRED, ZERO
from kopru.toolkit import fold
from kopru.toolkit.numbers import Style
from kopru_orderfile.amounts import (
    FIGURES,
    Disagreement,
    Figures,
    line_money,
    order_slack,
    rates_of,
    with_vat,
)
from kopru_orderfile.cells import Cell, Row, Table, blank
from kopru_orderfile.codes import VAT_RATES
from kopru_orderfile.columns import EXCLUDED, INCLUDED
from kopru_orderfile.config import AUTO, OrderFileConfig
from kopru_orderfile.fields import FIELDS, Kind
from kopru_orderfile.grouping import grouped
from kopru_orderfile.values import DAY_FIRST, Unreadable, number, proved_order, proved_style

_SAMPLE = 3_000
"""Rows looked at to decide what a doubtful heading means."""
_NUMERIC = frozenset({Kind.AMOUNT, Kind.NUMBER})
_MONEY = frozenset(name for name, known in FIELDS.items() if known.kind is Kind.AMOUNT) - {"vat"}
_PRICE_ROLES = {"unit": "unit_price", "line": "line_amount"}
_TOTAL_ROLES = {"line": "line_payable", "order": "order_total"}
_VAT_ROLES = {"rate": "vat_rate", "amount": "vat_amount"}
_LEGAL_RATES = frozenset(map(Decimal, VAT_RATES))


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided about a table. Kept beside each order's raw rows, so that a replay reads them alike.

    ``styles`` and ``dates`` go by column; ``roles`` say which field a doubtful heading is. A missing entry
    means that nothing was proved. ``vat`` is ``included`` or ``excluded``.
    """

    styles: Mapping[int, str] = field(default_factory=dict)
    dates: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    vat: str = INCLUDED


def decide(table: Table, config: OrderFileConfig, known: Decisions | None = None) -> tuple[Table, Decisions]:
    """Return the table with every column in its place, and what was decided on the way.

    Args:
        table: the table.
        config: settings win over everything.
        known: decisions of an earlier reading of the whole file, for a replay of a part of it.
    """
    table = _without_copies(table)
    if known is None:
        seen = Decisions(styles=_proved_styles(table), dates=_proved_dates(table), vat=_vat(table, config))
        roles = _settled_roles(table, config)
    else:
        # A part proves less than its file did; what stayed open then must not be settled by it now.
        seen, roles = replace(known, vat=_vat(table, config)), dict(known.roles)
    said = _said_roles(table, config)
    decisions = replace(_fixed(seen, table, config), roles={**roles, **said})
    if known is None:
        decisions = _with_sums(table, config, decisions)
    return replace(
        table, columns=table.columns.moved(_moved(table.columns.places, decisions.roles))
    ), decisions


def number_in(
    row: Row, name: str, table: Table, decisions: Decisions, config: OrderFileConfig
) -> Decimal | None:
    """Return the number of a field in a row; ``None`` when the field has no column or the cell is blank.

    A percentage in the discount column is a discount rate; no other amount can be one.

    Raises:
        Unreadable: see ``values.number``.
    """
    places = table.columns.places
    place = places.get(name)
    if (
        name == "discount_rate"
        and blank(row.cell(place))
        and _is_percentage(row.cell(places.get("discount")))
    ):
        place = places["discount"]
    cell = row.cell(place)
    if place is None or blank(cell) or (name == "discount" and _is_percentage(cell)):
        return None
    if _is_percentage(cell) and name in _MONEY:
        raise Unreadable("bad_number")
    return number(cell, decisions.styles.get(place, ""), only=config.numbers != AUTO)


def _is_percentage(cell: Cell) -> bool:
    return isinstance(cell, str) and "%" in cell


def _without_copies(table: Table) -> Table:
    """Settle headings that stand twice: equal columns are one, a minor field is left out."""
    places = dict(table.columns.places)
    repeated = dict(table.columns.repeated)
    for name, found in table.columns.repeated.items():
        if all(row.cell(place) == row.cell(found[0]) for row in table.rows for place in found[1:]):
            places[name] = found[0]
            del repeated[name]
        elif FIELDS[name].minor:
            del repeated[name]
    return replace(table, columns=replace(table.columns, places=places, repeated=repeated))


def _proved_styles(table: Table) -> dict[int, str]:
    places = _places_of(table, _NUMERIC)
    proved = {place: {proved_style(row.cell(place)) for row in table.rows} - {""} for place in places}
    everywhere: set[str] = set().union(*proved.values())
    styles = {place: (own or everywhere) for place, own in proved.items()}
    return {place: next(iter(found)) for place, found in styles.items() if len(found) == 1}


def _proved_dates(table: Table) -> dict[int, str]:
    orders = {}
    for place in _places_of(table, frozenset({Kind.DATE})):
        proved = {proved_order(row.cell(place)) for row in table.rows} - {""}
        if len(proved) == 1:
            orders[place] = proved.pop()
        elif not proved and "tarih" in fold.fold(table.columns.headings[place]):
            # No Turkish export writes the month first.
            orders[place] = DAY_FIRST
    return orders


def _fixed(decisions: Decisions, table: Table, config: OrderFileConfig) -> Decisions:
    """Return the decisions with what the settings or the profile fix."""
    profile = table.columns.profile
    style = config.numbers if config.numbers != AUTO else profile.numbers
    order = config.dates if config.dates != AUTO else profile.dates
    styles = dict.fromkeys(_places_of(table, _NUMERIC), style) if style else decisions.styles
    dates = dict.fromkeys(_places_of(table, frozenset({Kind.DATE})), order) if order else decisions.dates
    return replace(decisions, styles=styles, dates=dates)


def _places_of(table: Table, kinds: frozenset[Kind]) -> set[int]:
    return {place for name, place in table.columns.places.items() if FIELDS[name].kind in kinds}


def _vat(table: Table, config: OrderFileConfig) -> str:
    if config.prices != AUTO:
        return config.prices
    return table.columns.vat or table.columns.profile.prices or INCLUDED


def _said_roles(table: Table, config: OrderFileConfig) -> dict[str, str]:
    """Return the roles that the settings fix."""
    said = {
        "price": _PRICE_ROLES.get(config.price_means),
        "total": _TOTAL_ROLES.get(config.total_means),
        "vat": _VAT_ROLES.get(config.vat_means),
    }
    return {name: role for name, role in said.items() if role and name in table.columns.places}


def _settled_roles(table: Table, config: OrderFileConfig) -> dict[str, str]:
    """Return the roles that the other columns settle without looking at sums; an empty role is no use."""
    places = table.columns.places
    roles = {}
    if "price" in places and ("unit_price" in places or "line_amount" in places):
        roles["price"] = ""
    if "total" in places and "order_total" in places:
        roles["total"] = "" if "line_payable" in places or "line_amount" in places else "line_payable"
    elif "total" in places and "line_payable" in places:
        roles["total"] = "order_total"
    if "vat" in places and "vat_rate" in places:
        roles["vat"] = "" if "vat_amount" in places else "vat_amount"
    elif "vat" in places and "vat_amount" in places:
        roles["vat"] = "vat_rate"
    if "cargo" in places:
        numeric = all(_is_number(row.cell(places["cargo"])) for row in table.rows)
        roles["cargo"] = "shipping_fee" if numeric else "carrier"
    return roles


def _is_number(cell: Cell) -> bool:
    try:
        return blank(cell) or number(cell, Style.TURKISH) is not None
    except Unreadable:
        return False


def _with_sums(table: Table, config: OrderFileConfig, decisions: Decisions) -> Decisions:
    """Settle what is still open by the file's own sums."""
    places = table.columns.places
    roles = dict(decisions.roles)
    open_roles = [name for name in ("price", "total") if name in places and name not in roles]
    if open_roles:
        settled = replace(table, columns=table.columns.moved(_moved(places, roles)))
        roles |= _by_sums(settled, open_roles, decisions, config)
    if "vat" in places and "vat" not in roles:
        settled = replace(table, columns=table.columns.moved(_moved(places, roles)))
        if role := _vat_role(settled, decisions, config):
            roles["vat"] = role
    return replace(decisions, roles=roles)


def _moved(places: Mapping[str, int], roles: Mapping[str, str]) -> dict[str, int]:
    """Put each doubtful column at the field it is; one without use is left out, an open one stays."""
    moved = dict(places)
    for name, role in roles.items():
        place = moved.pop(name, None)
        if place is not None and role:
            moved.setdefault(role, place)
    return moved


def _by_sums(
    table: Table, open_roles: Sequence[str], decisions: Decisions, config: OrderFileConfig
) -> dict[str, str]:
    """Return the roles under which most orders' sums come out, where that singles one out."""
    choices = [tuple({"price": _PRICE_ROLES, "total": _TOTAL_ROLES}[name].values()) for name in open_roles]
    orders = list(grouped(table, config).orders.values())[:_SAMPLE]
    votes: Counter[tuple[str, ...]] = Counter()
    for combination in product(*choices):
        roles = dict(zip(open_roles, combination, strict=True))
        view = replace(table, columns=table.columns.moved(_moved(table.columns.places, roles)))
        votes[combination] = sum(_fit(rows, view, decisions, config) for rows in orders)
    most = max(votes.values(), default=0)
    winners = [combination for combination, count in votes.items() if count == most]
    decided = {}
    for index, name in enumerate(open_roles):
        values = {combination[index] for combination in winners}
        if len(values) == 1:
            decided[name] = values.pop()
    return decided


def _fit(rows: Sequence[Row], table: Table, decisions: Decisions, config: OrderFileConfig) -> int:
    """Return how well a reading fits an order: 2 when all comes out, 1 with a discount nobody mentioned."""
    try:
        totals = _seen("order_total", rows, table, decisions, config)
        if not any(name in table.columns.places for name in FIGURES[:3]):
            return 2 if len(totals) == 1 else 0
        lines = [_line(row, table, decisions, config) for row in rows]
        extras = sum(
            sign * sum(_seen(name, rows, table, decisions, config)[:1], ZERO)
            for name, sign in (("shipping_fee", 1), ("fee", 1), ("order_discount", -1))
        )
    except (Unreadable, Disagreement):
        return 0
    due = sum((line.due for line in lines), ZERO) + extras
    if len(totals) > 1 or (totals and abs(due - totals[0]) > order_slack(len(lines))):
        return 0
    return 1 if any(line.assumed for line in lines) else 2


def _seen(
    name: str, rows: Sequence[Row], table: Table, decisions: Decisions, config: OrderFileConfig
) -> list[Decimal]:
    found = (number_in(row, name, table, decisions, config) for row in rows)
    return list(dict.fromkeys(abs(value) for value in found if value is not None))


@dataclass(frozen=True, slots=True)
class _Line:
    payable: Decimal
    due: Decimal
    """What the buyer pays for the line, VAT included."""
    assumed: bool
    """Whether a discount was concluded that no column states."""


def _line(row: Row, table: Table, decisions: Decisions, config: OrderFileConfig) -> _Line:
    numbers = {name: number_in(row, name, table, decisions, config) for name in FIGURES}
    quantity = number_in(row, "quantity", table, decisions, config)
    money = line_money(Figures(quantity=quantity or Decimal(1), **numbers))
    told = numbers["discount"] is not None or numbers["discount_rate"] is not None
    rate = number_in(row, "vat_rate", table, decisions, config) if decisions.vat == EXCLUDED else None
    due = money.payable if rate is None else with_vat(money.payable, percentage(rate))
    return _Line(money.payable, due, bool(money.discount) and not told)


def percentage(rate: Decimal) -> Decimal:
    """Return a rate as a percentage: no tax has a rate between 0 and 1 percent, so 0.2 means 20."""
    return rate * HUNDRED if ZERO < rate < 1 else rate


def _vat_role(table: Table, decisions: Decisions, config: OrderFileConfig) -> str:
    """Return whether a column called just VAT holds rates or amounts; nothing when both readings fit.

    Rows that both readings give the same rate decide nothing, and need no decision either.
    """
    rate_fits = amount_fits = True
    differ = False
    for row in table.rows[:_SAMPLE]:
        cell = row.cell(table.columns.places["vat"])
        try:
            value = number_in(row, "vat", table, decisions, config)
            payable = _line(row, table, decisions, config).payable
        except (Unreadable, Disagreement):
            continue
        if value is None:
            continue
        if _is_percentage(cell):
            return "vat_rate"
        as_rate = percentage(value) if percentage(value) in _LEGAL_RATES else None
        as_amount = rates_of(value, payable, included=decisions.vat == INCLUDED)
        rate_fits = rate_fits and as_rate is not None
        amount_fits = amount_fits and bool(as_amount)
        differ = differ or (as_rate is not None and bool(as_amount) and as_rate not in as_amount)
    if rate_fits and amount_fits and differ:
        return ""
    return "vat_rate" if rate_fits else "vat_amount"
