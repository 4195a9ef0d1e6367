"""The write test of a connection: in, found, out again, and never where nothing can be taken back."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from kopru.flows import writetest
from kopru.flows.connections import call, check_connection
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError, Unsupported
from kopru.hooks.types import Operation, PartyRequest
from kopru.registry import Registry
from kopru.runtime.rehearsal import simulators
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.samples import sample_key, sample_party

REGISTRY = Registry.installed()
LEDGERS = [
    name
    for name, manifest in REGISTRY.manifests.items()
    if Operation.POST_ORDER in manifest.removable and REGISTRY.implements(name, "post_order")
]
OTHERS = [name for name in REGISTRY.manifests if name not in LEDGERS]


@pytest.fixture(params=LEDGERS)
def ledger(request, trade):
    """A checked connection to a ledger with a partner card, and its remote; each ledger that states it."""
    name = request.param
    if name == "logo":
        yield with_card(trade, trade.connection(name)), trade.ledger
        return
    with simulators(trade.world, (name,)) as remotes:
        yield with_card(trade, trade.connect(name, remotes[name].config())), remotes[name]
        assert remotes[name].bugs == []


def with_card(trade, row):
    """Make one partner card in the ledger, as an earlier invoice would have."""
    request = PartyRequest("120.TEST", sample_party(trade.consumer))
    call(
        trade.work(),
        row.id,
        lambda opened: opened.use(ports.UpsertsParty).upsert_party(opened.ctx, sample_key("card"), request),
    )
    return row


def run(trade, row, **cards):
    return writetest.run(trade.work("operator"), row.id, **cards)


def live(remote):
    return [each for each in remote.held(Operation.POST_ORDER) if each.live]


def steps(result):
    return [(item.name, item.ok) for item in result.items]


def test_a_marked_order_goes_in_is_found_and_is_taken_out(trade, ledger):
    row, remote = ledger
    facts = len(remote.truth)
    result = run(trade, row)
    assert steps(result) == [
        ("write_test.write", True),
        ("write_test.locate", True),
        ("write_test.remove", True),
    ]
    assert len(remote.truth) > facts, "something was written"
    assert live(remote) == []
    assert trade.actions(row)[-2:] == [writetest.BEGUN, writetest.ENDED]
    assert run(trade, row).ok, "it can be done again"
    assert live(remote) == []


def test_a_test_that_was_cut_short_is_finished_by_the_next(trade, ledger, monkeypatch):
    """As if the process had died right after the record was there."""
    row, remote = ledger
    with monkeypatch.context() as patch:
        patch.setattr(writetest, "_located", die)
        with pytest.raises(KeyboardInterrupt):
            run(trade, row)
    assert len(live(remote)) == 1
    result = run(trade, row)
    assert steps(result)[0] == ("write_test.leftover", True)
    assert result.ok
    assert live(remote) == []


def test_a_lost_answer_leaves_nothing_behind(trade, ledger):
    row, remote = ledger
    remote.faults.add(
        Fault(FaultKind.DROP_AFTER, method="POST", path=r"(?i)salesOrders$|SiparisKaydet", times=1)
    )
    result = run(trade, row)
    assert sum(remote.faults.struck.values()) == 1
    assert result.ok, [item for item in result.items if not item.ok]
    assert live(remote) == []


def test_an_unknown_item_is_told_with_a_fix_and_leaves_nothing(trade, ledger):
    row, remote = ledger
    with pytest.raises(ConfigError) as error:
        run(trade, row, item="YOK-1")
    assert "kopru items pull" in error.value.message.en
    result = run(trade, row, party="YOK-1")
    assert not result.ok
    assert all(item.fix and item.fix.tr and item.fix.en for item in result.items if not item.ok)
    assert live(remote) == []


def test_nothing_leaves_after_a_restore(trade, ledger, admin):
    row, remote = ledger
    with admin.begin() as db:
        db.execute(sa.text("update tenant set restored_at = now() where id = :t"), {"t": trade.tenant_id})
    facts = len(remote.truth)
    with pytest.raises(ConfigError) as error:
        run(trade, row)
    assert error.value.code == "writetest.settled_first"
    assert len(remote.truth) == facts


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_taken_back_is_never_written(name):
    with pytest.raises(Unsupported) as error:
        writetest.require_testable(REGISTRY.manifest(name), REGISTRY.hooks(name))
    assert error.value.message.tr and error.value.message.en


def test_a_channel_is_refused_whatever_it_states(trade):
    """Even a manifest that calls everything removable opens no channel."""
    manifest = replace(REGISTRY.manifest("nilvera"), removable=tuple(Operation))
    hooks = REGISTRY.hooks("nilvera") | {"post_order", "cancel_document", "locate"}
    with pytest.raises(Unsupported) as error:
        writetest.require_testable(manifest, hooks)
    assert error.value.code == "writetest.channel"


def test_the_plain_check_writes_nothing(trade):
    facts = {name: len(remote.truth) for name, remote in trade.remotes.items()}
    for name in trade.remotes:
        assert check_connection(trade.work(), trade.connection(name).id).ok
    assert {name: len(remote.truth) for name, remote in trade.remotes.items()} == facts


def die(*_):
    raise KeyboardInterrupt
