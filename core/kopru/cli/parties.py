"""``kopru parties``: the ledger's business partner cards (cari)."""

from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Limit, Reveal, Session, Tenant, session
from kopru.cli.output import say, show
from kopru.cli.privacy import initials
from kopru.flows import parties as flow
from kopru.flows.records import CardRow, ConnectionRow
from kopru.flows.tenants import ledger_of
from kopru.flows.texts import TEXTS
from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import PluginKind
from kopru.model import Text
from kopru.transport.redaction import mask

app = typer.Typer(no_args_is_help=True)


@app.command()
def pull(context: typer.Context, tenant: Tenant, dry_run: DryRun = False) -> None:
    """Read the ledger's cards; buyers whose tax number has one card are booked on it from then on."""
    with session(context, tenant, dry_run=dry_run) as at:
        ledger = _ledger(at)
        if dry_run:
            say(Text(tr=f"{ledger.name}: okunacak.", en=f"{ledger.name}: would be read."), at.language)
            return
        progress, bound = flow.pull(at.work, ledger.id)
        say(
            Text(
                tr=f"{progress.records} kart okundu; {bound} vergi numarası kartına bağlandı.",
                en=f"{progress.records} cards were read; {bound} tax numbers are bound to their card.",
            ),
            at.language,
        )
        if not progress.complete:
            say(
                Text(tr="Kartların sonuna gelinmedi; yineleyin.", en="There are more cards; run it again."),
                at.language,
            )


@app.command("list")
def list_(
    context: typer.Context,
    tenant: Tenant,
    search: Annotated[str, typer.Option("--search", help="Part of code, name or tax number.")] = "",
    shared: Annotated[
        bool, typer.Option("--shared", help="Only tax numbers that several active cards share.")
    ] = False,
    limit: Limit = 50,
    json: Json = False,
    reveal: Reveal = False,
) -> None:
    """List the ledger's cards as they were last read."""
    with session(context, tenant) as at:
        ledger = _ledger(at)
        with at.work.write() as uow:
            if reveal:
                uow.events.add(at.work.actor, "connection", ledger.id, "parties.revealed", search=search)
            rows: list[dict[str, object]]
            if shared:
                rows = [
                    {"tax_number": number if reveal else mask(number), "codes": ", ".join(codes)}
                    for number, codes in uow.partners.shared_numbers(ledger.id).items()
                ]
            else:
                found = uow.partners.cards(ledger.id, search=search, limit=limit)
                rows = [_row(card, reveal=reveal) for card in found]
        show(rows, as_json=json)


@app.command()
def forget(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="Code of the card in the ledger.")],
    tenant: Tenant,
    dry_run: DryRun = False,
) -> None:
    """Forget who is booked on a card, because it is gone or wrong; the next invoice looks for one again."""
    with session(context, tenant, dry_run=dry_run) as at:
        if not dry_run:
            flow.forget(at.work, _ledger(at).id, code)
        say(Text(tr=f"“{code}” unutuldu.", en=f"“{code}” is forgotten."), at.language)


def _row(card: CardRow, *, reveal: bool) -> dict[str, object]:
    return {
        "code": card.code,
        "name": card.name if reveal else initials(card.name),
        "tax_number": card.tax_number if reveal else mask(card.tax_number),
        "active": card.active,
        "seen_at": card.seen_at,
    }


def _ledger(at: Session) -> ConnectionRow:
    ledger = ledger_of(at.work)
    if ledger is None:
        kind = PluginKind.ACCOUNTING.value
        raise ConfigError("connection.none", TEXTS.text("connection.none", kind=kind))
    return ledger
