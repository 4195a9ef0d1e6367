"""Payloads nobody can use: each parks its own record with a code and a field, is kept, and hurts no neighbour."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kopru.documents import EXAMPLE_TENANT, load_tenant
from kopru.flows import orders
from kopru.flows.preview import preview
from kopru.flows.records import DocumentState, OrderState
from kopru.hooks.errors import Rejected
from kopru.hooks.types import Raw

# Made up from the documented shape of a shipment package.


def package(trade, order):
    return dict(trade.shop.shelf.live[order.id])


def rows(trade):
    with trade.work().read() as uow:
        return {row.external_id: row for row in uow.orders.recent(limit=1000)}


def kept(trade, row):
    with trade.work().read() as uow:
        return uow.payloads.get(row.payload_id)


@pytest.fixture
def broken(trade):
    """Shows a row changed in one way beside a good order; returns the broken row and the good order."""

    def show(change, **options):
        good = trade.place()
        base = trade.place()
        row = package(trade, base)
        row["shipmentPackageId"] = 5_000_000_001
        change(row)
        del trade.shop.shelf._seen[base.id]
        trade.shop.shelf._keys[:] = [key for key in trade.shop.shelf._keys if key[1] != base.id]
        trade.shop.add_row(row)
        trade.pull(seconds=60)
        found = [each for each in rows(trade).values() if each.external_id != str(good.id)]
        assert len(found) == 1, found
        assert trade.order(good).state is OrderState.DONE
        return found[0]

    return show


def line(row, **fields):
    row["lines"] = [{**row["lines"][0], **fields}]


HOSTILE = {
    "NUL in a name": (
        lambda row: row["lines"][0].update(productName="Kupa\x00"),
        "trendyol.order.",
        "lines[0].productName",
    ),
    "half a surrogate pair": (
        lambda row: row["invoiceAddress"].update(lastName="\ud83d"),
        "trendyol.order.",
        "invoiceAddress.lastName",
    ),
    "endless name": (lambda row: row["lines"][0].update(productName="x" * 200_000), "trendyol.", "name"),
    "endless order number": (lambda row: row.update(orderNumber="9" * 5000), "trendyol.", "number"),
    "list for a number": (lambda row: row.update(orderNumber=[1, 2]), "trendyol.", "orderNumber"),
    "no lines": (lambda row: row.update(lines=[]), "trendyol.", "lines"),
    "lines are no list": (lambda row: row.update(lines="x"), "trendyol.", "lines"),
    "negative quantity": (lambda row: line(row, quantity=-1), "trendyol.", "lines[0].quantity"),
    "endless quantity": (lambda row: line(row, quantity=10**30), "trendyol.", "lines[0]"),
    "price is no number": (
        lambda row: line(row, lineGrossAmount="abc"),
        "trendyol.",
        "lines[0].lineGrossAmount",
    ),
    "price is not finite": (
        lambda row: line(row, lineGrossAmount="NaN"),
        "trendyol.",
        "lines[0].lineGrossAmount",
    ),
    "no total": (lambda row: row.pop("packageTotalPrice"), "trendyol.", "packageTotalPrice"),
    "no date": (
        lambda row: (row.pop("orderDate"), row.update(packageHistories=[])),
        "trendyol.",
        "orderDate",
    ),
    "date of another age": (lambda row: row.update(orderDate=10**18), "trendyol.", "orderDate"),
    "discounts of fewer units": (lambda row: line(row, quantity=2), "trendyol.line.unit_count", "lines[0]"),
    "address is a text": (lambda row: row.update(invoiceAddress="Sokak 1"), "trendyol.", "invoiceAddress"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_package_that_cannot_be_read_is_parked_with_code_and_field(trade, broken, name):
    change, code, field = HOSTILE[name]
    row = broken(change)
    assert row.state is OrderState.PARKED and row.body is None
    assert row.reason.code.startswith(code), row.reason
    assert any(finding.field.startswith(field) for finding in row.findings), row.findings
    assert all(finding.message.tr and finding.message.en for finding in row.findings)
    raw = kept(trade, row)
    assert b"5000000001" in raw.content, "the payload is kept as it came"
    assert trade.documents(row.external_id) == []
    (seen,) = [event for event in trade.story(row) if event.action == "order.seen"]
    assert seen.data["status"] == "unreadable"


def test_a_row_without_an_id_is_told_and_is_never_an_order_of_another(trade, broken):
    row = broken(lambda row: row.update(shipmentPackageId=0))
    assert row.reason.code == "trendyol.order.package_id_missing"
    assert row.state is OrderState.PARKED


def test_unknown_status_is_held_for_a_person_and_not_invoiced(trade):
    order = trade.place(status="TeleportEdildi")
    trade.pull(seconds=60)
    row = trade.order(order)
    assert row.state is OrderState.HELD
    assert row.status == "unknown" and row.body.raw_status == "TeleportEdildi"
    assert trade.held() == []


def test_sums_that_do_not_add_up_park_the_order_with_both_amounts(trade):
    order, good = trade.place(), trade.place()
    total = package(trade, order)["packageTotalPrice"]
    trade.shop.change_order(order.id, packageTotalPrice=total + 7)
    trade.pull(seconds=60)
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "document.total.mismatch")
    assert row.reason.detail == "total"
    assert "7" in row.reason.text.en
    assert trade.order(good).state is OrderState.DONE


def test_a_kurus_is_shown_as_rounding_and_not_refused(trade):
    order = trade.place()
    total = package(trade, order)["packageTotalPrice"]
    trade.shop.change_order(order.id, packageTotalPrice=total + Decimal("0.02"))
    trade.pull(seconds=60)
    assert trade.order(order).state is OrderState.DONE
    document = trade.document(order)
    assert document.total == total + Decimal("0.02")
    assert document.invoice.rounding == Decimal("0.02")
    assert "document.total.rounded" in [finding.code for finding in trade.order(order).findings]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("city", "", "document.address.city_missing"),
        ("district", "", "document.address.district_missing"),
        ("company", "", None),
        ("taxNumber", "", "document.buyer.tax_id_missing_company"),
        ("taxNumber", "12", "document.buyer.tax_id_missing_company"),
        ("taxNumber", "1111111111", "tax_number.vkn_check_digit"),
    ],
)
def test_missing_tax_data_of_a_company_parks_with_the_field(trade, field, value, code):
    order = trade.place(buyer=trade.unregistered)
    address = {**package(trade, order)["invoiceAddress"], field: value}
    trade.shop.change_order(order.id, invoiceAddress=address, shipmentAddress=address)
    trade.pull(seconds=60)
    row = trade.order(order)
    if code is None:
        assert row.state is OrderState.DONE, "its contact's name stands in"
        assert "trendyol.order.company_name_missing" in [each.code for each in row.findings]
        return
    assert row.state is OrderState.PARKED
    assert row.reason.code == code
    assert row.reason.detail.startswith("buyer")


def test_a_payload_that_is_mapped_better_later_is_replayed(trade, broken):
    """The same bytes, read again by a plugin that learned to."""
    row = broken(lambda row: row["lines"][0].update(productName="Kupa\x00"))
    raw = kept(trade, row)
    assert orders.replay(trade.work(), row, raw) == 0, "nothing changed yet"
    good = json.loads(raw.content)
    good["lines"][0]["productName"] = "Kupa"
    better = Raw(json.dumps(good).encode())
    assert orders.replay(trade.work(), row, better) == 1
    trade.run(60)
    with trade.work().read() as uow:
        now = uow.orders.get(row.id)
    assert now.body is not None and now.version == row.version + 1
    assert "Kupa" in now.body.lines[0].name
    assert trade.documents(now.number)[0].state is DocumentState.ISSUED


def test_an_order_that_becomes_unreadable_keeps_what_is_known_and_recovers(trade):
    order = trade.place()
    trade.pull(seconds=60)
    document = trade.document(order)
    trade.shop.change_order(order.id, orderDate=10**18)
    trade.pull(seconds=60)
    row = trade.order(order)
    assert row.state is OrderState.PARKED and row.body is None
    assert trade.document(order).number == document.number
    trade.shop.change_order(order.id, orderDate=int(datetime.now(UTC).timestamp() * 1000))
    trade.pull(seconds=60)
    assert trade.order(order).state is OrderState.DONE
    assert trade.document(order).id == document.id
    assert len(trade.held()) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b'{"content": 5}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 500 + b"}",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    ],
)
def test_a_foreign_payload_is_refused_with_a_code(engine, content):
    registry = engine.registry
    plugins = registry.for_tenant(registry.manifests, registry.manifests)
    with pytest.raises(Rejected) as error:
        found = preview(plugins, "trendyol", Raw(content), load_tenant(EXAMPLE_TENANT), datetime.now(UTC))
        assert all(each.order is None for each in found)
        raise Rejected("trendyol.rows", findings=found[0].findings if found else ())
    assert "." in error.value.code and error.value.message.en


# Files


BAD_FILES = {
    "price": ({"Birim Fiyat": "çok"}, "Birim Fiyat"),
    "quantity": ({"Adet": "0"}, "Adet"),
    "negative": ({"Birim Fiyat": "-5.00"}, "Birim Fiyat"),
    "date": ({"Sipariş Tarihi": "32.13.2026"}, "Sipariş Tarihi"),
    "rate": ({"KDV Oranı": "7.5x"}, "KDV"),
    "tax number": ({"TC Kimlik No": "12345678901"}, "buyer.tax_id"),
}


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_a_bad_cell_parks_its_order_and_names_the_column(trade, file_order, name):
    changed, field = BAD_FILES[name]
    good = file_order("100.00", number="F-2")
    bad = file_order("100.00", number="F-1", **changed)
    trade.run(60)
    found = [row for row in rows(trade).values() if row.number == bad or bad in row.external_id]
    assert len(found) == 1
    row = found[0]
    assert row.state is OrderState.PARKED, row
    text = (
        " ".join(f"{each.field} {each.message.tr} {each.detail}" for each in row.findings)
        + f" {row.reason.detail}"
    )
    assert field in text, text
    assert kept(trade, row).content
    assert trade.order(good).state is OrderState.DONE


def unreadable(trade):
    (row,) = [row for row in rows(trade).values() if row.state is OrderState.PARKED]
    return row


def test_a_dropped_file_again_changes_nothing_and_a_corrected_one_goes_on(trade, file_order):
    file_order("100.00", number="F-2")
    bad = file_order("çok", number="F-1")
    trade.run(60)
    row = unreadable(trade)
    file_order("çok", number="F-1")
    trade.run(60)
    assert unreadable(trade).version == row.version == 1
    file_order("100.00", number="F-1")
    trade.run(60)
    assert trade.order(bad).state is OrderState.DONE


def test_a_file_that_is_no_table_is_told_and_the_others_are_read(trade, file_order, tmp_path):
    good = file_order("100.00", number="F-1")
    folder = tmp_path / "orders"
    (folder / "resim.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50)
    (folder / "bos.csv").write_bytes(b"")
    (folder / "zip.xlsx").write_bytes(b"PK\x03\x04 not really")
    trade.run(60)
    assert trade.order(good).state is OrderState.DONE
    told = [row for row in rows(trade).values() if row.number != good]
    assert told, "a file nobody can read is not passed over in silence"
    assert {row.number: row.reason.code for row in told} == {
        "bos.csv": "orderfile.file.empty",
        "resim.csv": "orderfile.file.no_headings",
        "zip.xlsx": "archive.malformed",
    }
    assert {row.state for row in told} == {OrderState.PARKED}


# The inbox: XML of strangers

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY a{n} "{"&a" + (str(n - 1) if n > 1 else "") + ";"}{"&a" + (str(n - 1) if n > 1 else "") + ";"}">'
        for n in range(1, 30)
    )
    + "]><Invoice>&a29;</Invoice>"
)
XXE = (
    '<?xml version="1.0"?><!DOCTYPE i [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>&x;</ID></Invoice>'
)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", b"<Invoice>", XXE.encode(), BOMB.encode(), "<ş>".encode("iso-8859-9"), b"<x/>" * 3],
    ids=["empty", "nul", "truncated", "xxe", "bomb", "encoding", "several"],
)
def test_hostile_incoming_invoices_are_kept_and_hurt_no_neighbour(trade, content):
    trade.channel.receive(number="TED2026000000001")
    ettn = trade.channel.receive(number="BOZ2026000000001", content=content)
    trade.channel.receive(number="TED2026000000002")
    trade.pull("inbox.pull", "nilvera", seconds=60)
    with trade.admin.begin() as db:
        found = db.exec_driver_sql(
            "select external_id, body is not null as readable, number from inbox where tenant_id = %s",
            (trade.tenant_id,),
        ).all()
    readable = {row.external_id: row.readable for row in found}
    assert readable[ettn] is False
    assert sum(readable.values()) == 2
    assert not any(job.state == "dead" for job in trade.jobs())
    with trade.admin.begin() as db:
        text = db.exec_driver_sql(
            "select string_agg(i::text, '') from inbox i where tenant_id = %s", (trade.tenant_id,)
        ).scalar_one()
    assert "root:" not in text


def test_a_huge_answer_is_cut_off_and_the_shop_is_read_later(trade, monkeypatch):
    """A gigabyte is not read into memory: the transport stops at its limit."""
    order = trade.place()
    handle = trade.shop.handle
    sent = []

    def huge(request):
        response = handle(request)
        if "/stream" in request.path and not sent:
            sent.append(1)
            return replace(response, body=b'{"content": ["' + b"x" * 70_000_000 + b'"]}')
        return response

    monkeypatch.setattr(trade.shop, "handle", huge)
    trade.pull(seconds=0)
    (job,) = [job for job in trade.jobs() if job.kind == "orders.pull"]
    assert job.state == "dead" and job.error.code == "http.too_large"
    trade.pull(seconds=60)
    assert trade.order(order).state is OrderState.DONE
