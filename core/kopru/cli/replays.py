"""``kopru orders replay``: make orders anew, after showing what would come of it."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

import typer

from kopru.cli.common import DryRun, Json, Limit, Reveal, Session, Tenant, Yes, session
from kopru.cli.days import moment
from kopru.cli.orders import app
from kopru.cli.output import confirmed, out, say, show, show_one, tell_findings
from kopru.cli.privacy import covered, covered_finding, covered_text, initials, people_of_order
from kopru.flows import replaying as flow
from kopru.flows.backfill import patiently
from kopru.flows.records import OrderRow, OrderState
from kopru.flows.replaying import Basis, Prediction, Sketch
from kopru.hooks.errors import ConfigError
from kopru.model import Text

_PERSONAL = ("buyer.", "shipping.")


@app.command()
def replay(
    context: typer.Context,
    tenant: Tenant,
    basis: Annotated[Basis, typer.Option("--from", help="What to make the order from.")],
    order: Annotated[str | None, typer.Argument(help="Order number, the channel's id, or our id.")] = None,
    connection: Annotated[str | None, typer.Option("--connection", help="Many: of this shop.")] = None,
    state: Annotated[OrderState | None, typer.Option("--state", help="Many: in this state.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Many: placed since this day.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Many: placed up to this day.")] = None,
    limit: Limit = 1000,
    yes: Yes = False,
    json: Json = False,
    reveal: Reveal = False,
    dry_run: DryRun = False,
) -> None:
    """Make an order anew: from its stored payload, a fresh fetch, or by today's rules.

    What would change is shown first. Name one order, or choose many by --state, --since, --until and
    --connection.
    """
    with session(context, tenant, dry_run=dry_run) as at:
        many = any((connection, state, since, until))
        if (order is None) is not many:
            raise ConfigError(
                "replay.which",
                Text(
                    tr="Bir sipariş yazın, ya da --state, --since, --until, --connection ile seçin.",
                    en="Name one order, or choose by --state, --since, --until, --connection.",
                ),
            )
        if order is not None:
            chosen = [at.order(order)]
        else:
            chosen = flow.choose(
                at.work,
                connection_id=at.connection(connection).id if connection else None,
                state=state,
                since=moment(since) if since else None,
                until=moment(until) + timedelta(days=1) if until else None,
                limit=limit,
            )
        if order is not None:
            seen = [patiently(time.sleep, partial(flow.predict, at.work, chosen[0], basis))]
            _show_one(at, seen[0], as_json=json, reveal=reveal)
        else:
            seen = flow.predict_many(at.work, chosen, basis, time.sleep)
            _show_counts(seen, at, as_json=json)
        _go(at, seen, basis, yes=yes)


def _go(at: Session, seen: Sequence[Prediction], basis: Basis, *, yes: bool) -> None:
    changing = {each.order.id: each.order for each in seen if each.changes}
    if at.work.dry_run or not changing:
        return
    touched = sum(bool(each.steps) for each in seen)
    question = Text(
        tr=f"{len(changing)} sipariş yeniden işlensin mi? {touched} belge değişir ya da iptal edilir.",
        en=f"Replay {len(changing)} orders? {touched} documents are changed or cancelled.",
    )
    if confirmed(question, at.language, yes=yes):
        flow.start(at.work, changing, basis)
        say(Text(tr="Sıraya alındı.", en="Queued."), at.language)


def _show_one(at: Session, seen: Prediction, *, as_json: bool, reveal: bool) -> None:
    if reveal:
        with at.work.write() as uow:
            uow.events.add(at.work.actor, "order", seen.order.id, "order.revealed")
    people = () if reveal else people_of_order(seen.order)
    fields = [_field(each, seen.order, reveal=reveal) for each in seen.fields]
    row: dict[str, Any] = {
        "order": seen.order.number,
        "from": seen.basis.value,
        "code": seen.code,
        "what": covered_text(seen.reason, people).of(at.language),
        "steps": list(seen.steps),
        "document_now": _sketch(seen.before),
        "document_then": _sketch(seen.after),
    }
    if as_json:
        findings = [covered_finding(each, people).model_dump(mode="json") for each in seen.findings]
        show_one({**row, "fields": fields, "findings": findings}, as_json=True)
        return
    show_one(row, as_json=False)
    tell_findings([covered_finding(each, people) for each in seen.findings], at.language)
    if fields:
        out.print()
        show(fields, as_json=False)


def _field(change: flow.FieldChange, order: OrderRow, *, reveal: bool) -> dict[str, str]:
    def shown(value: str) -> str:
        if reveal:
            return value
        if change.field.startswith(_PERSONAL):
            return initials(value)
        return covered(value, people_of_order(order))

    return {"field": change.field, "now": shown(change.old), "then": shown(change.new)}


def _sketch(sketch: Sketch | None) -> dict[str, Any]:
    return {name: value for name, value in asdict(sketch).items() if value != ""} if sketch else {}


def _show_counts(seen: Sequence[Prediction], at: Session, *, as_json: bool) -> None:
    counts = Counter(each.code for each in seen)
    texts = {each.code: covered_text(each.reason, people_of_order(each.order)) for each in reversed(seen)}
    rows = [
        {
            "code": code,
            "orders": count,
            "what": texts[code].of(at.language),
            "such_as": next(each.order.number for each in seen if each.code == code),
        }
        for code, count in counts.most_common()
    ]
    show(rows, as_json=as_json, columns=("orders", "what", "such_as", "code"))
