"""Which own item each line of an order is: by keys, by rules, by likeness, or by a person."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID, uuid5

from kopru.flows.env import Work
from kopru.flows.linerows import OPEN, Chosen, LineRow, LineSource, RuleRow
from kopru.flows.mapping import by_rule, mapped
from kopru.flows.ports import Uow
from kopru.flows.records import ItemRow
from kopru.flows.ruling import partners_of, said_of
from kopru.flows.texts_lines import TEXTS
from kopru.matching.api import State
from kopru.matching.exact import (
    Ambiguous,
    Conflicting,
    Item,
    ItemIndex,
    ItemKey,
    LinkKey,
    Match,
    NotTried,
    Resolved,
    Unmatched,
    resolve_lines,
    wanted_keys,
)
from kopru.matching.normalise import text_key
from kopru.model import Finding, Order, OrderLine, Severity, Text
from kopru.model.money import unit_price, without_vat

Unknown = Ambiguous | Conflicting | Unmatched


@dataclass(frozen=True)
class OrderItems:
    """The items of an order's lines by line id, what was found missing, and the lines to be remembered."""

    found: dict[str, Item] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    lines: tuple[LineRow, ...] = ()


def order_items(
    work: Work, order: Order, connection_id: UUID, partner: str, keys: Collection[ItemKey]
) -> OrderItems:
    """Return the own item of each line of an order that needs one.

    Args:
        work: the piece of work.
        order: the order.
        connection_id: the connection it comes from.
        partner: that connection's name, under which rules of its lines stand.
        keys: which keys the tenant lets decide.
    """
    index, rules = known_items(work, connection_id, order.live_lines, partner)
    matches = resolve_lines(order.live_lines, index, [key.value for key in keys])
    ruled = _by_rules(work, order, connection_id, partner, matches, rules)
    found = {id: match.item for id, match in matches.items() if isinstance(match, Resolved)}
    found |= {line.source_line: _item_of(line, index.by_id) for line in ruled}
    unknown = {
        id: match
        for id, match in matches.items()
        if not isinstance(match, Resolved | NotTried) and id not in found
    }
    if not unknown:
        return OrderItems(found, (), tuple(ruled))
    rows = [line_row(work, order, connection_id, partner, id) for id in unknown]
    rows, items = _looked_at(work, rows, unknown)
    found |= {row.source_line: _item_of(row, items) for row in rows if row.settled}
    return OrderItems(found, _findings(order, rows, unknown), (*ruled, *rows))


def known_items(
    work: Work, connection_id: UUID, lines: Sequence[OrderLine], partner: str = ""
) -> tuple[ItemIndex, list[RuleRow]]:
    """Return the items that keys and rules say these lines may mean, and the rules."""
    wanted = wanted_keys(lines)
    with work.read() as uow:
        rows, linked, rules = uow.items.candidates(
            connection_id,
            codes=wanted.codes,
            barcodes=wanted.barcodes,
            links=[link_text(key) for key in wanted.links],
            partners=partners_of(partner),
            rules={*wanted.codes, *wanted.barcodes, *filter(None, (text_key(line.name) for line in lines))},
        )
    links = {key: str(linked[link_text(key)]) for key in wanted.links if link_text(key) in linked}
    return ItemIndex.of((_item(row) for row in rows), links), rules


def link_text(key: LinkKey) -> str:
    """Return a link key as it is stored."""
    return f"{key.kind}:{key.value}"


def line_row(work: Work, order: Order, connection_id: UUID, partner: str, line_id: str) -> LineRow:
    """Return a line of an order as line mapping sees it; its price is for one unit, without VAT."""
    line = next(each for each in order.lines if each.id == line_id)
    ref = f"{connection_id}:{order.ref.id}"
    return LineRow(
        id=line_id_of(work, LineSource.ORDER, ref, line.id),
        source=LineSource.ORDER,
        source_ref=ref,
        source_line=line.id,
        partner=partner,
        partner_name=partner,
        text=line.name,
        seller_code=line.sku,
        barcode=line.barcode,
        unit=line.unit,
        quantity=line.quantity,
        price=_price(order, line),
        currency=order.currency,
        vat_rate=line.vat_rate,
    )


def _price(order: Order, line: OrderLine) -> Decimal | None:
    """Return the price of one unit without VAT, where the source tells enough."""
    if not order.tax_included:
        return unit_price(line.payable, line.quantity)
    if line.vat_rate is None:
        return None
    return unit_price(without_vat(line.payable, line.vat_rate), line.quantity)


def line_id_of(work: Work, source: LineSource, ref: str, line: str) -> UUID:
    """Return the id of a line; it follows from where the line comes from."""
    return uuid5(work.tenant_id, f"line:{source.value}:{ref}:{line}")


def remember(uow: Uow, lines: Sequence[LineRow], order_id: UUID | None = None) -> None:
    """Store lines with what was found, and count the rules that decided new ones."""
    if not lines:
        return
    new = uow.lines.see(lines, order_id)
    count_hits(uow, [line for line in lines if line.id in new])


def close_lines(uow: Uow, order_id: UUID, found: Mapping[str, Item]) -> None:
    """Settle the lines an order waited for, when their items became known by a key, a link or a new card."""
    waiting = uow.lines.chosen(Chosen(states=OPEN, order_id=order_id, limit=1000))
    known = [(line, found[line.source_line]) for line in waiting if line.source_line in found]
    uow.lines.update(
        [
            replace(line, state=State.RESOLVED, reason=None, item_id=UUID(item.id), parked="")
            for line, item in known
            if item.id
        ]
    )


def count_hits(uow: Uow, lines: Iterable[LineRow]) -> None:
    """Count the lines that rules decided."""
    hits: dict[UUID, int] = {}
    for line in lines:
        if line.rule_id is not None and line.alone:
            hits[line.rule_id] = hits.get(line.rule_id, 0) + 1
    uow.rules.hit(hits)


def _by_rules(
    work: Work,
    order: Order,
    connection_id: UUID,
    partner: str,
    matches: Mapping[str, Match],
    rules: Sequence[RuleRow],
) -> list[LineRow]:
    """Return the lines that a rule decides by itself; only a confirmed link stands above it."""
    if not rules:
        return []
    found = []
    for id, match in matches.items():
        linked = isinstance(match, Resolved) and match.by is ItemKey.LINK
        if linked or isinstance(match, NotTried):
            continue
        line = line_row(work, order, connection_id, partner, id)
        ruled = said_of(line, rules)
        if ruled is not None and ruled.rule is not None and ruled.sure and ruled.fits_unit:
            found.append(by_rule(line, ruled))
    return found


def _looked_at(
    work: Work, rows: Sequence[LineRow], unknown: Mapping[str, Unknown]
) -> tuple[list[LineRow], dict[str, Item]]:
    """Return unknown lines with what is known of them: a person's decision, or what the matcher finds."""
    with work.read() as uow:
        stored = {each.id: each for each in uow.lines.of_source(LineSource.ORDER, rows[0].source_ref)}
    decided = {row.id: stored[row.id] for row in rows if _is_decided(stored.get(row.id), row)}
    fresh = {row.id: row for row in mapped(work, [row for row in rows if row.id not in decided])}
    done = [decided.get(row.id) or _cautious(fresh[row.id], unknown[row.source_line]) for row in rows]
    with work.read() as uow:
        items = uow.catalogue.items([row.item_id for row in done if row.item_id is not None])
    return done, {str(id): _item(row) for id, row in items.items()}


def _is_decided(stored: LineRow | None, row: LineRow) -> bool:
    return stored is not None and stored.state is State.USER and stored.text_key == row.text_key


def _cautious(row: LineRow, match: Unknown) -> LineRow:
    """Leave a line to a person when its keys contradict each other, whatever its text says."""
    if isinstance(match, Unmatched) or row.state is not State.RESOLVED:
        return row
    return replace(
        row,
        state=State.CONFLICT,
        item_id=None,
        item_code="",
        service="",
        factor=Decimal(1),
        rule_id=None,
        alone=False,
    )


def _findings(order: Order, rows: Sequence[LineRow], unknown: Mapping[str, Unknown]) -> tuple[Finding, ...]:
    """Name every line that is left to a person, with the best suggestion."""
    open_ = {row.source_line: row for row in rows if not row.settled}
    return tuple(
        Finding(
            code=unknown[line.id].code.replace("match.", "matching."),
            message=_told(open_[line.id], unknown[line.id].reason),
            field=f"lines[{position}]",
            severity=Severity.ERROR,
        )
        for position, line in enumerate(order.lines)
        if line.id in open_
    )


def _told(row: LineRow, reason: Text) -> Text:
    best = row.best
    if row.reason is not None and row.reason.code.startswith("lines.") and row.state is State.CONFLICT:
        return row.reason.text
    if best is None or row.state not in (State.SUGGESTED, State.CONFLICT):
        return reason
    percent, template = round(best.score * 100), TEXTS["lines.suggested"]
    values = {"code": best.item_code, "name": best.name, "percent": percent}
    return Text(
        tr=template.tr.format(reason=reason.tr, **values), en=template.en.format(reason=reason.en, **values)
    )


def _item_of(row: LineRow, items: Mapping[str, Item]) -> Item:
    """Return the item of a settled line; a service stands on documents under the code it was given."""
    if row.item_id is not None:
        return items[str(row.item_id)]
    return Item("", row.service, row.text, unit=row.unit)


def _item(row: ItemRow) -> Item:
    return Item(str(row.id), row.code, row.name, row.barcodes, row.vat_rate, row.unit)
