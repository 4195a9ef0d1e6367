"""What a person asks a remote for: its own lists that settings refer to, and shipping labels."""

from uuid import UUID

from kopru.flows.connections import call
from kopru.flows.env import Work
from kopru.flows.records import OrderRow
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import Definition, Label

LABELLED = "order.label"


def definitions(work: Work, connection_id: UUID) -> tuple[Definition, ...]:
    """Return a remote's own lists; one that was not checked yet may be asked, because settings need them.

    Raises:
        ConnectorError: its plugin has no lists, or the remote cannot be asked.
    """
    return call(
        work,
        connection_id,
        lambda opened: opened.use(ports.FetchesDefinitions).fetch_definitions(opened.ctx),
        seconds=60.0,
        any_state=True,
    )


def label(work: Work, order: OrderRow) -> tuple[Label, int]:
    """Return the channel's shipping label of an order, and how often it was taken before.

    Raises:
        ConfigError: the order could not be read.
        ConnectorError: the channel has no labels, or none for this order.
    """
    body = order.body
    if body is None:
        raise ConfigError("order.unreadable", TEXTS["order.unreadable"])
    found = call(
        work,
        order.connection_id,
        lambda opened: opened.use(ports.FetchesLabel).fetch_label(opened.ctx, body),
        seconds=60.0,
    )
    with work.write() as uow:
        before = sum(each.action == LABELLED for each in uow.events.of_subjects([order.id]))
        uow.events.add(work.actor, "order", order.id, LABELLED, format=found.format.value, before=before)
    return found, before
