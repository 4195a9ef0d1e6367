"""VAT rates and the row numbers ("pointers") of the firm's tax table, which differ from firm to firm."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from kopru.sdk import MappingMissing
from kopru.toolkit import rows
from kopru_mikro import errors, sql
from kopru_mikro.client import Client
from kopru_mikro.codes import VAT_POINTERS
from kopru_mikro.texts import TEXTS

Pointers = Mapping[Decimal, int]


def pointers(client: Client, rates: Iterable[Decimal]) -> Pointers:
    """Return the pointer of each rate: from the settings, else from the firm's tax table.

    Raises:
        MappingMissing: ``mikro.vat`` with every rate that has none; a document is never sent without.
    """
    wanted = set(rates)
    known = dict(client.config.vat_pointers)
    if not wanted <= set(known):
        known = {**read(client), **known} if client.config.has_sql else known
    missing = sorted(wanted - set(known))
    if missing:
        named = [f"%{rate.normalize():f}" for rate in missing]
        raise MappingMissing("mikro.vat", named, TEXTS.text("mikro.vat", rates=", ".join(named)))
    return known


def read(client: Client) -> Pointers:
    """Return the firm's tax table; of several rows with one rate the first counts."""
    return first_of(rates(client))


def rates(client: Client) -> Mapping[int, Decimal]:
    """Return the rate behind each pointer as the firm's tax table has it."""
    found = client.query(sql.vat_rates())
    try:
        if len(found) != 1:
            raise ValueError("expected one row")
        values = {pointer: rows.number(found[0], f"p{pointer}") for pointer in VAT_POINTERS}
    except ValueError as error:
        raise errors.unreadable(str(error)) from error
    return {pointer: rate for pointer, rate in values.items() if rate is not None and rate >= 0}


def first_of(table: Mapping[int, Decimal]) -> Pointers:
    """Return the lowest pointer of each rate."""
    known: dict[Decimal, int] = {}
    for pointer in sorted(table):
        known.setdefault(table[pointer], pointer)
    return known
