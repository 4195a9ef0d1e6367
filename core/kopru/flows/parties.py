"""The ledger's business partner cards: read, so that buyers who have one are booked on it at once.

A tax number that several active cards share is bound to none of them: whoever makes the next invoice for it
looks in the ledger, by code first.
"""

from uuid import UUID

from kopru.flows.connections import Opened
from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.streams import Progress, Read, run
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import Page
from kopru.model import PartyCard

PARTY = "party"


def pull(work: Work, ledger_id: UUID) -> tuple[Progress, int]:
    """Read the ledger's cards; return how far that came and how many tax numbers found their card."""

    def store(uow: Uow, opened: Opened, page: Page[PartyCard]) -> int:
        return uow.partners.see_cards(ledger_id, page.records)

    read: Read[PartyCard] = Read(
        "fetch_parties",
        lambda opened, cursor, window, limit: opened.use(ports.FetchesParties).fetch_parties(
            opened.ctx, cursor, window, limit
        ),
        store,
    )
    progress = run(work, ledger_id, read)
    if not progress.complete:
        return progress, 0
    with work.write() as uow:
        bound = uow.partners.bind_cards(ledger_id)
        uow.events.add(work.actor, "connection", ledger_id, "parties.pulled", bound=bound)
    return progress, bound


def forget(work: Work, ledger_id: UUID, code: str) -> None:
    """Forget that buyers are booked on a card, because it is gone or was the wrong one.

    The next invoice looks for the card again, or makes one.

    Raises:
        ConfigError: nobody is booked on that card.
    """
    with work.write() as uow:
        gone = uow.partners.unbind(ledger_id, PARTY, code)
        if not gone:
            raise ConfigError("partner.not_bound", TEXTS.text("partner.not_bound", code=code))
        uow.partners.drop_card(ledger_id, code)
        uow.events.add(work.actor, "connection", ledger_id, "parties.forgotten", code=code, buyers=gone)
