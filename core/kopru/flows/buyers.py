"""Output rules: what buyers call our items, put on their invoices, imported, and measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from kopru.documents import NO_BUYER_ITEMS, BuyerItem, BuyerItems, Gaps, tax_number
from kopru.flows.buyerrows import BuyerItemRow, BuyerRow, SoldRow
from kopru.flows.env import Work
from kopru.flows.orderlines import known_items
from kopru.flows.ports import Uow
from kopru.flows.records import advance_job
from kopru.flows.texts_buyers import TEXTS
from kopru.hooks.errors import ConfigError
from kopru.matching.exact import Item, Resolved, barcode_key, code_key, resolve_lines
from kopru.model import Finding, Party, Severity
from kopru.model.money import ZERO
from kopru.toolkit import taxnumbers

DAYS = 90
"""How far back sales count as recent."""


def buyer_items(work: Work, party: Party, items: Iterable[Item]) -> BuyerItems:
    """Return what the buyer of an order calls its items; nothing for buyers without rules.

    Which buyers have rules is held for some seconds, so that the orders of all others cost nothing.
    """
    number = tax_number(party)
    gaps = _buyers(work).get(number) if number else None
    if gaps is None:
        return NO_BUYER_ITEMS
    with work.read() as uow:
        named = uow.buyers.named(number, sorted({item.code for item in items}))
    return BuyerItems(gaps, {code: BuyerItem(row.code, row.name) for code, row in named.items()})


def _buyers(work: Work) -> dict[str, Gaps]:
    def read() -> dict[str, Gaps]:
        with work.read() as uow:
            return uow.buyers.settings()

    found: dict[str, Gaps] = work.env.cache.get(("buyers", work.tenant_id), read)
    return found


def set_buyer(work: Work, number: str, *, name: str | None = None, gaps: Gaps | None = None) -> BuyerRow:
    """Store a buyer, or change its name or what becomes of gaps; orders that waited for that go on.

    Raises:
        ConfigError: the tax number is no VKN or TCKN.
    """
    number = checked_number(number)
    with work.write() as uow:
        row = changed(uow, number, name, gaps)
        uow.buyers.save(row, work.actor)
        uow.events.add(work.actor, "buyer", number, "buyer.saved", gaps=row.gaps.value)
        _go_on(uow, number)
    work.env.cache.forget(("buyers", work.tenant_id))
    return row


def checked_number(text: str) -> str:
    """Return a buyer's tax number without blanks.

    Raises:
        ConfigError: it is no VKN or TCKN of its own.
    """
    number = "".join(text.split())
    right = taxnumbers.is_vkn(number) or taxnumbers.is_tckn(number)
    if not right or taxnumbers.is_placeholder(number):
        raise ConfigError("buyers.tax_number", TEXTS.text("buyers.tax_number", value=text))
    return number


def changed(uow: Uow, number: str, name: str | None, gaps: Gaps | None) -> BuyerRow:
    """Return a buyer, new or known, with what is given changed."""
    row = uow.buyers.get(number) or BuyerRow(number)
    row = row if name is None else replace(row, name=name)
    return row if gaps is None else replace(row, gaps=gaps)


def _go_on(uow: Uow, number: str) -> None:
    uow.jobs.add(*(advance_job(row.id) for row in uow.buyers.waiting(number)))


# Importing


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a buyer's list: the item as we call it (by code or barcode) and as the buyer does."""

    row: int
    code: str
    name: str
    item_code: str = ""
    barcode: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a list would change."""

    added: tuple[BuyerItemRow, ...] = ()
    changed: tuple[tuple[BuyerItemRow, BuyerItemRow], ...] = ()
    """Each as it is and as it will be."""
    same: int = 0
    withdrawn: tuple[BuyerItemRow, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def rows(self) -> tuple[BuyerItemRow, ...]:
        """Return what is to be stored."""
        gone = (replace(row, active=False) for row in self.withdrawn)
        return (*self.added, *(new for _, new in self.changed), *gone)


def plan_import(work: Work, number: str, listed: Sequence[Listed], *, whole: bool = False) -> Plan:
    """Return what importing a list would change; nothing is stored.

    Args:
        work: the piece of work.
        number: the buyer's tax number.
        listed: the rows of its list.
        whole: whether items that are not in the list are withdrawn; not as long as a row cannot be used.
    """
    with work.read() as uow:
        held = {code_key(row.item_code): row for row in uow.buyers.items(number)}
        wanted, findings = _wanted(uow, listed)
    added = [row for key, row in wanted.items() if key not in held]
    changed = [(held[key], row) for key, row in wanted.items() if key in held and held[key] != row]
    same = len(wanted) - len(added) - len(changed)
    whole = whole and not any(each.blocks for each in findings)
    gone = [row for key, row in held.items() if key not in wanted] if whole else []
    return Plan(tuple(added), tuple(changed), same, tuple(gone), tuple(findings))


def apply_import(work: Work, number: str, plan: Plan, *, name: str | None = None) -> None:
    """Store what a plan says; orders that waited for a code of this buyer go on."""
    with work.write() as uow:
        uow.buyers.save(changed(uow, number, name, None), work.actor)
        uow.buyers.put(number, plan.rows, work.actor)
        counts = {"added": len(plan.added), "changed": len(plan.changed), "withdrawn": len(plan.withdrawn)}
        uow.events.add(work.actor, "buyer", number, "buyer.items_imported", **counts)
        _go_on(uow, number)
    work.env.cache.forget(("buyers", work.tenant_id))


def _wanted(uow: Uow, listed: Sequence[Listed]) -> tuple[dict[str, BuyerItemRow], list[Finding]]:
    """Return the usable rows by our code, and what is wrong with the others."""
    by_code = uow.buyers.own_codes([each.item_code for each in listed if each.item_code])
    by_barcode = uow.buyers.barcoded([each.barcode for each in listed if each.barcode])
    wanted: dict[str, BuyerItemRow] = {}
    owners: dict[str, BuyerItemRow] = {}
    findings: list[Finding] = []
    for each in listed:
        # Our code decides; the barcode is asked when the row has none, or one that nobody knows.
        own = by_code.get(code_key(each.item_code)) or by_barcode.get(barcode_key(each.barcode), [])
        if len(own) != 1:
            code = "buyers.row.ambiguous" if own else "buyers.row.unknown"
            value = each.item_code or each.barcode
            findings.append(finding(code, each.row, value=value, items=", ".join(own)))
            continue
        key, row = code_key(own[0]), BuyerItemRow(own[0], each.code, each.name)
        if wanted.get(key, row) != row:
            findings.append(finding("buyers.row.twice", each.row, value=row.item_code))
            continue
        first = owners.setdefault(each.code, row) if each.code else row
        if first != row:
            shared = {"value": each.code, "other": first.item_code}
            findings.append(finding("buyers.row.shared", each.row, Severity.WARNING, **shared))
        wanted[key] = row
    return wanted, findings


def finding(code: str, row: int, severity: Severity = Severity.ERROR, **values: str) -> Finding:
    """Return what is wrong with a row of a list."""
    return Finding(code=code, message=TEXTS.text(code, **values), field=f"row {row}", severity=severity)


# Measuring


@dataclass(frozen=True, slots=True)
class Gap:
    """An item the buyer bought, or is about to buy, without a code of its own for it."""

    item_code: str
    name: str
    amount: Decimal
    documents: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what a buyer buys has its code; amounts are without VAT."""

    buyer: BuyerRow
    items: int
    covered: int
    amount: Decimal
    covered_amount: Decimal
    gaps: tuple[Gap, ...]

    @property
    def percent(self) -> Decimal | None:
        """Return the covered share of recent sales by amount; of items, when nothing was invoiced yet."""
        if self.amount > ZERO:
            return (100 * self.covered_amount / self.amount).quantize(Decimal("0.1"))
        return (Decimal(100 * self.covered) / self.items).quantize(Decimal("0.1")) if self.items else None


def coverage(work: Work, number: str, days: int = DAYS, plan: Plan | None = None) -> Coverage:
    """Return the coverage of one buyer by recent invoices and by orders that wait for theirs.

    With a plan, what it would be after that import.

    So gaps are seen before the first invoice. Lines of waiting orders whose item is not known do not count;
    they wait for that anyway.

    Raises:
        ConfigError: the buyer has no rules.
    """
    with work.read() as uow:
        buyer = uow.buyers.get(number) or (BuyerRow(number) if plan else None)
        if buyer is None:
            raise ConfigError("buyers.unknown", TEXTS.text("buyers.unknown", value=number))
        sold = {
            code_key(row.item_code): row for row in uow.buyers.sold(number, uow.now - timedelta(days=days))
        }
        known = {code_key(row.item_code) for row in uow.buyers.items(number)}
    for row in plan.rows if plan else ():
        (known.add if row.active else known.discard)(code_key(row.item_code))
    waiting = _waiting(work, number)
    keys = [*sold, *(key for key in waiting if key not in sold)]
    gaps = tuple(_gap(sold.get(key), waiting.get(key)) for key in keys if key not in known)
    return Coverage(
        buyer=buyer,
        items=len(keys),
        covered=len(keys) - len(gaps),
        amount=sum((row.amount for row in sold.values()), ZERO),
        covered_amount=sum((row.amount for key, row in sold.items() if key in known), ZERO),
        gaps=gaps,
    )


def _gap(sold: SoldRow | None, waiting: "_Waiting | None") -> Gap:
    known = sold or waiting
    assert known is not None
    amount, documents = (sold.amount, sold.documents) if sold else (ZERO, 0)
    return Gap(known.item_code, known.name, amount, documents, waiting.orders if waiting else 0)


@dataclass(slots=True)
class _Waiting:
    """An item on orders that have no invoice yet."""

    item_code: str
    name: str
    orders: int = 0


def _waiting(work: Work, number: str) -> dict[str, _Waiting]:
    """Return the items on orders of a buyer that wait for an invoice, as far as they are known."""
    with work.read() as uow:
        rows = uow.buyers.waiting(number)
        names = {row.id: row.name for row in uow.connections.every()}
    found: dict[str, _Waiting] = {}
    for row in rows:
        if row.body is None:
            continue
        index, _ = known_items(work, row.connection_id, row.body.live_lines, names.get(row.connection_id, ""))
        matches = resolve_lines(row.body.live_lines, index)
        items = {match.item.code: match.item for match in matches.values() if isinstance(match, Resolved)}
        for code, item in items.items():
            found.setdefault(code_key(code), _Waiting(code, item.name)).orders += 1
    return found
