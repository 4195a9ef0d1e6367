"""Mikro's own lists that settings refer to."""

from collections.abc import Iterator

from kopru.sdk import Definition
from kopru.toolkit import rows
from kopru_mikro import errors, sql, vat
from kopru_mikro.client import Client


def definitions(client: Client) -> tuple[Definition, ...]:
    """Return warehouses, salesmen, payment plans, currencies, price lists and VAT pointers.

    Raises:
        Unsupported: rows cannot be read by SELECT here.
    """
    found = [each for kind in sql.LISTS for each in entries(client, kind)]
    return (*found, *_pointers(client))


def entries(client: Client, kind: str) -> list[Definition]:
    """Return one list; entries without a code are left out."""
    try:
        made = {
            code: Definition(kind, code, rows.text(row, "ad") or code)
            for row in client.query(sql.listing(kind))
            if (code := rows.text(row, "kod"))
        }
    except ValueError as error:
        raise errors.unreadable(str(error)) from error
    return list(made.values())


def _pointers(client: Client) -> Iterator[Definition]:
    for pointer, rate in vat.rates(client).items():
        if rate or not pointer:
            yield Definition(
                "vat_pointer", str(pointer), f"%{rate.normalize():f}", {"rate": f"{rate.normalize():f}"}
            )
