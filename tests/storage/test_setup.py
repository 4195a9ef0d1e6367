"""Tenants, settings, connections, streams, items and partners."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kopru.flows.records import ConnectionState, Reason, StreamRow
from kopru.hooks.errors import ConfigError
from kopru.model import Mailbox, Recipient, TaxId, TaxScheme, Text

REASON = Reason("connection.needs_reauth", Text(tr="Giriş", en="Login"))


def slug():
    return f"t-{uuid.uuid4()}"


def test_tenants_by_slug(store):
    name = slug()
    tenant = store.add_tenant(name)
    assert store.tenant_id(name) == tenant
    assert (tenant, name) in store.tenants()
    with pytest.raises(ConfigError) as unknown:
        store.tenant_id("nobody")
    assert unknown.value.code == "tenant.unknown"
    assert "nobody" in unknown.value.message.tr


def test_a_slug_is_taken_once_however_many_ask_at_once(store):
    name, barrier = slug(), threading.Barrier(4)

    def add():
        barrier.wait()
        return store.add_tenant(name)

    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(add) for _ in range(4)]
    errors = [each.exception(30) for each in tries]
    assert errors.count(None) == 1
    assert {error.code for error in errors if error} == {"tenant.exists"}


def test_settings_have_versions(desk):
    with desk.open() as uow:
        assert uow.settings.text() == (0, "")
        assert uow.settings.store("a = 1") == 1
        assert uow.settings.store("a = 2") == 2
        assert uow.settings.text() == (2, "a = 2")


def test_plugins_are_allowed_here_and_enabled_there(desk, store):
    plugin = f"plugin_{uuid.uuid4().hex}"
    assert plugin not in store.allowed()
    store.allow(plugin)
    store.allow(plugin)
    assert plugin in store.allowed()
    with desk.open() as uow:
        uow.settings.enable(plugin)
        uow.settings.enable(plugin)
        assert uow.settings.enabled() == {plugin}
        uow.settings.disable(plugin)
        assert uow.settings.enabled() == frozenset()


def test_a_connection_comes_back_as_it_was_saved(desk, make):
    row = make.connection("b", reason=REASON, config={"a": [1, {"ş": None}]})
    with desk.open() as uow:
        uow.connections.save(row)
        assert uow.connections.get(row.id) == row == uow.connections.by_name("b")
        assert [each.name for each in uow.connections.every()] == ["b", "shop"]
        assert uow.connections.get(uuid.uuid4()) is None
    assert desk.store.find_connection(row.id) == (desk.id, "hook")
    assert desk.store.find_connection(uuid.uuid4()) is None


def test_a_connection_name_is_taken_once(desk, make):
    with pytest.raises(sa.exc.IntegrityError, match="uq_connection_tenant_id_name"), desk.open() as uow:
        uow.connections.save(make.connection("shop"))


def test_a_state_changes_once(desk):
    with desk.open() as uow:
        assert uow.connections.set_state(desk.shop.id, ConnectionState.NEEDS_REAUTH, REASON)
        assert not uow.connections.set_state(desk.shop.id, ConnectionState.NEEDS_REAUTH, REASON)
        row = uow.connections.get(desk.shop.id)
        assert (row.state, row.reason) == (ConnectionState.NEEDS_REAUTH, REASON)


def test_one_of_many_renews_a_login(desk):
    barrier = threading.Barrier(6)

    def claim():
        with desk.open() as uow:
            barrier.wait()
            return uow.connections.claim_refresh(desk.shop.id, 60)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(each.result(30) for each in [pool.submit(claim) for _ in range(6)]) == [False] * 5 + [
            True
        ]
    with desk.open() as uow:
        uow.connections.release_refresh(desk.shop.id)
        assert uow.connections.claim_refresh(desk.shop.id, 0)
    with desk.open() as uow:
        assert uow.connections.claim_refresh(desk.shop.id, 60), "a claim runs out by itself"


def test_a_webhook_is_new_once(desk):
    def see(event_id="W1"):
        with desk.open() as uow:
            return uow.connections.seen_webhook(desk.shop.id, event_id, "order", "P1")

    assert [see(), see(), see("W2"), see()] == [True, False, True, False]


def test_a_position_moves_only_with_its_transaction(desk, make):
    at = StreamRow(watermark=make.now, since=make.now, until=make.now + timedelta(hours=1), cursor="c1")
    with desk.open() as uow:
        assert uow.streams.get(desk.shop.id, "fetch_orders") == StreamRow()
        uow.streams.save(desk.shop.id, "fetch_orders", at)
    with pytest.raises(ZeroDivisionError), desk.open() as uow:
        uow.streams.save(desk.shop.id, "fetch_orders", StreamRow(cursor="c2"))
        assert 1 / 0
    with desk.open() as uow:
        assert uow.streams.get(desk.shop.id, "fetch_orders") == at
        assert uow.streams.get(desk.shop.id, "fetch_returns") == StreamRow()


def test_items_are_replaced_by_code_and_keep_their_id(desk, make):
    first = make.item("stk-1", barcodes=("8691", "8692"))
    again = make.item("stk-1", name="Kalem", barcodes=("8692", "8693", "8693"), vat_rate=Decimal(10))
    with desk.open() as uow:
        assert uow.items.upsert([first, make.item("STK-2")]) == 2
        assert uow.items.upsert([again]) == 1
        row = uow.items.by_code("stk-1")
        assert (row.id, row.name, row.barcodes, row.vat_rate) == (first.id, "Kalem", ("8692", "8693"), 10)
        assert [each.code for each in uow.items.recent(limit=1)] == ["STK-2"]
        assert uow.items.by_code("STK-1") is None


@pytest.mark.parametrize("search", ["ÇİZGİLİ", "cizgili", "stk-1%", "çizgili defter stk-1%"])
def test_items_are_found_by_folded_name_or_part_of_a_code(desk, make, search):
    with desk.open() as uow:
        uow.items.upsert([make.item("stk-1%"), make.item("stk-1x", name="Kalem")])
        assert [each.code for each in uow.items.recent(search=search)] == ["stk-1%"]


def test_items_a_line_may_mean(desk, make):
    from kopru.matching.exact import barcode_key, code_key

    items = [
        make.item("STK-1", barcodes=("8690000000012",)),
        make.item("stk-1"),
        make.item("B", barcodes=("869",)),
        make.item("C"),
    ]
    with desk.open() as uow:
        uow.items.upsert(items)
        uow.items.link(desk.shop.id, "sku:X", items[3].id, "test")
        uow.items.link(desk.shop.id, "sku:Y", items[2].id, "test")
        uow.items.link(desk.shop.id, "sku:Y", items[3].id, "somebody else")

        def ask(**keys):
            asked = {"codes": [], "barcodes": [], "links": [], **keys}
            rows, links, _ = uow.items.candidates(desk.shop.id, **asked)
            return sorted(row.code for row in rows), links

        assert ask() == ([], {})
        assert ask(codes=[code_key("STK-1")])[0] == sorted(
            each.code for each in items if code_key(each.code) == code_key("STK-1")
        )
        assert ask(barcodes=[barcode_key("8690000000012")])[0] == ["STK-1"]
        assert ask(links=["sku:X", "sku:Y", "sku:Z"]) == (
            ["C"],
            {"sku:X": items[3].id, "sku:Y": items[3].id},
        )


def test_the_first_binding_stays(desk):
    with desk.open() as uow:
        uow.partners.bind(desk.shop.id, "party", "key", "120.1")
        uow.partners.bind(desk.shop.id, "party", "key", "120.2")
        assert uow.partners.binding(desk.shop.id, "party", "key") == "120.1"
        assert uow.partners.binding(desk.shop.id, "party", "other") is None


def test_a_registration_answer_is_kept_for_a_while(desk):
    number = TaxId(scheme=TaxScheme.VKN, value="1234567890")
    registered = Recipient(tax_id=number, mailboxes=(Mailbox(alias="urn:mail:pk@ornek.example"),))
    with desk.open() as uow:
        uow.partners.remember(Recipient(tax_id=number))
        uow.partners.remember(registered)
        assert uow.partners.recipient("1234567890", timedelta(hours=1)) == registered
        assert uow.partners.recipient("1234567890", timedelta(0)) is None
        assert uow.partners.recipient("0987654321", timedelta(hours=1)) is None
