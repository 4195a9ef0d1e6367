"""What a new version brings to connections in use, and what a plugin's bug may leave in the database."""

from datetime import timedelta

import sqlalchemy as sa

from kopru.flows.connections import complete_schedules, set_paused
from kopru.flows.schedules import change
from kopru.toolkit.taxnumbers import tckn_check_digits

TCKN = "912345678" + tckn_check_digits("912345678")


def schedules(trade):
    with trade.work().read() as uow:
        return {(row.connection_id, row.kind): row for row in uow.jobs.schedules()}


def drop(trade, kind):
    """Let a kind of schedule be one that an older version did not know."""
    with trade.admin.begin() as db:
        db.execute(
            sa.text("delete from schedule where tenant_id = :t and kind = :kind"),
            {"t": trade.tenant_id, "kind": kind},
        )


def test_missing_schedules_are_added_once(trade):
    before = set(schedules(trade))
    drop(trade, "orders.verify")
    assert complete_schedules(trade.work()) == 1
    assert set(schedules(trade)) == before
    assert complete_schedules(trade.work()) == 0


def test_times_that_are_there_stay(trade):
    change(trade.work(), "orders.pull", "trendyol", every=timedelta(minutes=5))
    drop(trade, "orders.verify")
    complete_schedules(trade.work())
    row = schedules(trade)[trade.connection("trendyol").id, "orders.pull"]
    assert (row.every_seconds, row.custom) == (300, True)


def test_a_paused_connection_gets_none(trade):
    set_paused(trade.work(), trade.connection("trendyol").id, paused=True)
    drop(trade, "orders.verify")
    assert complete_schedules(trade.work()) == 0


def test_what_a_bug_says_is_stored_without_secrets_and_personal_data(trade, monkeypatch):
    secret = trade.shop.config()["api_secret"]

    def broken(*arguments):
        raise RuntimeError(f"no idea what {secret} and {TCKN} of ayse@example.com are")

    monkeypatch.setattr("kopru_trendyol.hooks.orders.fetch_orders", broken)
    trade.pull(seconds=5)
    with trade.admin.begin() as db:
        stored = db.execute(
            sa.text("select error::text from job where tenant_id = :t and error is not null"),
            {"t": trade.tenant_id},
        ).scalars()
        text = "".join(stored)
    assert "no idea what" in text
    assert secret not in text and TCKN not in text and "ayse@example.com" not in text
