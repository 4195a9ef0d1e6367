"""The rows the engine ended with, as evidence; read past the engine, by the database's owner."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid5

import psycopg
from psycopg.rows import dict_row

from kopru.documents.identity import NAMESPACE
from kopru.testing.chaos.remotes import CANARY
from kopru.testing.chaos.verdict import Ends
from kopru.testing.evidence import DocumentEnd, JobEnd, NumberEnd, OrderEnd, Wanted, WriteEnd

Row = Mapping[str, Any]

WATCH = """
create table if not exists chaos_wanted (
    n bigint generated always as identity, tenant_id uuid, connection_id uuid, external_id text, desired int);
create table if not exists chaos_due (
    n bigint generated always as identity, schedule_id bigint, due timestamptz, following timestamptz);
create or replace function chaos_note_wanted() returns trigger language plpgsql security definer as $$
begin
    insert into chaos_wanted (tenant_id, connection_id, external_id, desired)
    values (new.tenant_id, new.connection_id, new.external_id, new.desired);
    return null;
end $$;
create or replace function chaos_note_due() returns trigger language plpgsql security definer as $$
begin
    insert into chaos_due (schedule_id, due, following) values (new.id, old.next_at, new.next_at);
    return null;
end $$;
create or replace trigger chaos_wanted after insert or update of desired on stock_push
    for each row execute function chaos_note_wanted();
create or replace trigger chaos_due after update of next_at on schedule
    for each row execute function chaos_note_due();
"""
"""Keeps what the engine overwrites: every quantity it ever wanted, every time a schedule moved on."""

_SECRET_FREE = frozenset({"archive", "chaos_wanted", "chaos_due"})
"""Tables in which no secret is looked for: the archive holds compressed documents."""


def watch(db: psycopg.Connection[Any]) -> None:
    """Begin to keep what the engine overwrites."""
    db.execute(WATCH)
    db.execute("delete from schedule_fire")
    db.commit()


def read_ends(db: psycopg.Connection[Any], broken: tuple[str, ...], unacked: int) -> Ends:
    """Return all final rows of one moment."""
    db.rollback()
    db.execute("set transaction isolation level repeatable read")
    slugs = {row["id"]: row["slug"] for row in _all(db, "select id, slug from tenant")}
    (now,) = [row["now"] for row in _all(db, "select clock_timestamp() as now")]
    ends = Ends(
        now=now,
        orders=tuple(_orders(db, slugs)),
        documents=tuple(_documents(db, slugs)),
        writes=tuple(_writes(db, slugs)),
        numbers=tuple(_numbers(db, slugs)),
        jobs=tuple(_jobs(db)),
        wanted=tuple(_wanted(db, slugs)),
        events=tuple(
            (row["subject_id"], row["action"])
            for row in _all(db, "select subject_id, action from event where subject = 'effect'")
        ),
        broken=broken,
        fired=tuple(
            (str(row["schedule_id"]), row["fire_time"]) for row in _all(db, "select * from schedule_fire")
        ),
        due=tuple(_due(db)),
        unacked=unacked,
    )
    db.rollback()
    return ends


def _all(db: psycopg.Connection[Any], statement: Any) -> Iterator[Row]:
    with db.cursor(row_factory=dict_row) as cursor:
        yield from cursor.stream(statement)


def _orders(db: psycopg.Connection[Any], slugs: Row) -> Iterator[OrderEnd]:
    rows = _all(db, "select tenant_id, external_id, state, reason->>'code' as code, findings from \"order\"")
    for row in rows:
        found = next((finding["code"] for finding in row["findings"] or ()), "")
        yield OrderEnd(slugs[row["tenant_id"]], row["external_id"], row["state"], row["code"] or found)


def _documents(db: psycopg.Connection[Any], slugs: Row) -> Iterator[DocumentEnd]:
    rows = _all(
        db,
        "select d.*, o.external_id from document d"
        ' join "order" o on o.tenant_id = d.tenant_id and o.id = d.order_id',
    )
    for row in rows:
        quantities: dict[str, Decimal] = {}
        for line in row["body"]["lines"]:
            if line.get("order_line_id") and line.get("kind", "goods") == "goods":
                name = line["order_line_id"]
                quantities[name] = quantities.get(name, Decimal(0)) + Decimal(str(line["quantity"]))
        yield DocumentEnd(
            slugs[row["tenant_id"]],
            str(row["id"]),
            row["key"],
            row["external_id"],
            row["state"],
            row["number"] or "",
            row["total"],
            row["type"] == "return",
            quantities,
        )


def _writes(db: psycopg.Connection[Any], slugs: Row) -> Iterator[WriteEnd]:
    rows = _all(
        db,
        "select e.*, c.name, o.external_id from effect e"
        " join connection c on c.tenant_id = e.tenant_id and c.id = e.connection_id"
        " left join document d on d.tenant_id = e.tenant_id and d.id = e.document_id"
        ' left join "order" o on o.tenant_id = e.tenant_id and o.id = coalesce(e.order_id, d.order_id)',
    )
    for row in rows:
        yield WriteEnd(
            slugs[row["tenant_id"]],
            str(row["id"]),
            row["operation"],
            row["state"],
            _reference(row),
            row["updated_at"],
            personal=bool(row["reason"]) and row["reason"]["actor"] == "operator",
        )


def _reference(row: Row) -> str:
    """Return what stands on the record at the remote; nothing for a cancellation in the ledger."""
    operation = row["operation"]
    if operation == "update_order_status":
        return f"{row['external_id']}:invoice_link"
    if operation == "submit_invoice" or (operation == "cancel_document" and row["name"] == "nilvera"):
        return str(row["document_id"])
    if operation == "cancel_document":
        return ""
    return uuid5(NAMESPACE, f"effect:{row['key']}").hex[:16]


def _numbers(db: psycopg.Connection[Any], slugs: Row) -> Iterator[NumberEnd]:
    rows = _all(
        db,
        "select n.*, d.reason->>'code' as why from number n"
        " join document d on d.tenant_id = n.tenant_id and d.id = n.document_id",
    )
    for row in rows:
        yield NumberEnd(
            slugs[row["tenant_id"]],
            row["prefix"],
            row["year"],
            row["sequence"],
            str(row["document_id"]),
            row["void_reason"] or row["why"] or "",
        )


def _jobs(db: psycopg.Connection[Any]) -> Iterator[JobEnd]:
    for row in _all(db, "select * from job where state in ('queued', 'running')"):
        yield JobEnd(f"{row['kind']} {row['id']}", row["state"], row["run_at"], row["lease_until"])


def _wanted(db: psycopg.Connection[Any], slugs: Row) -> Iterator[Wanted]:
    rows = _all(
        db,
        "select w.tenant_id, p.barcode, array_agg(w.desired order by w.n) as quantities from chaos_wanted w"
        " join product p on p.tenant_id = w.tenant_id and p.connection_id = w.connection_id"
        " and p.external_id = w.external_id group by 1, 2",
    )
    for row in rows:
        quantities = tuple(row["quantities"])
        yield Wanted(slugs[row["tenant_id"]], "trendyol", row["barcode"], _changes(quantities))


def _changes(quantities: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out versions that are the same as the one before."""
    return tuple(each for n, each in enumerate(quantities) if n == 0 or each != quantities[n - 1])


def _due(db: psycopg.Connection[Any]) -> Iterator[tuple[str, datetime]]:
    """Every time a schedule moved on from, and every one that has been due for a minute."""
    for row in _all(db, "select schedule_id, due from chaos_due where due < following"):
        yield str(row["schedule_id"]), row["due"]
    late = "select id, next_at from schedule where enabled and next_at < now() - interval '60 seconds'"
    for row in _all(db, late):
        yield str(row["id"]), row["next_at"]


def readable_secrets(db: psycopg.Connection[Any], canaries: tuple[str, ...]) -> dict[str, str]:
    """Return rows that hold a secret in clear or as bytes, by table; the first one of each."""
    names = [
        row["name"]
        for row in _all(db, "select tablename as name from pg_tables where schemaname = 'public'")
        if row["name"] not in _SECRET_FREE
    ]
    patterns = [f"%{CANARY}%", f"%{CANARY.encode().hex()}%"]
    found = {}
    for name in names:
        statement = psycopg.sql.SQL("select t::text from {} t where t::text like any(%s) limit 1").format(
            psycopg.sql.Identifier(name)
        )
        row = db.execute(statement, (patterns,)).fetchone()
        text = row[0] if row else ""
        found[f"table {name}"] = _in_clear(text, canaries)
    db.rollback()
    return found


def _in_clear(text: str, canaries: tuple[str, ...]) -> str:
    for canary in canaries:
        text = text.replace(canary.encode().hex(), canary)
    return text


def lines_with(path: Path, word: str) -> str:
    """Return the lines of a log that hold a word."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return "".join(line for line in file if word in line)
