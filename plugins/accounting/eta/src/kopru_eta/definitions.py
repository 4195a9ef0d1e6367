"""ETA's own lists that settings refer to."""

from kopru.sdk import Definition
from kopru.toolkit import rows
from kopru_eta import errors
from kopru_eta.client import Client


def definitions(client: Client) -> tuple[Definition, ...]:
    """Return invoice types and warehouses."""
    return (*entries(client, "invoice_types", "invoice_type"), *entries(client, "warehouses", "warehouse"))


def entries(client: Client, statement: str, kind: str) -> list[Definition]:
    """Return one list; entries without a code are left out, and each code comes once."""
    try:
        made = {
            code: Definition(kind, code, rows.text(row, "name") or code)
            for row in client.read(statement)
            if (code := rows.text(row, "code"))
        }
    except ValueError as error:
        raise errors.unreadable(str(error)) from error
    return list(made.values())
