"""The simulated Logo behaves as described, and says no."""

import json
import threading
import time
from decimal import Decimal

import pytest

from kopru.sdk import AuthError, Rejected
from kopru.testing.simulator import SimRequest
from kopru_logo import plugin
from kopru_logo.client import Client
from kopru_logo.simulation import qlang
from kopru_logo.simulation.calculation import Calculator
from kopru_logo.simulation.ledger import Behaviour, Refusal
from kopru_logo.simulation.shelf import Shelf


def goods(price, **more):
    return {
        "TYPE": 0,
        "MASTER_CODE": "STK-0001",
        "QUANTITY": 1,
        "PRICE": price,
        "VAT_RATE": 20,
        "UNIT_CODE": "ADET",
        **more,
    }


def invoice(*lines, **more):
    return {
        "TYPE": 8,
        "NUMBER": "~",
        "DATE": "2026-03-10",
        "ARP_CODE": "120.WEB",
        "TRANSACTIONS": {"items": list(lines) or [goods(10)]},
        **more,
    }


def refused(sim, body):
    with pytest.raises(Refusal) as error:
        sim.enter_invoice(body)
    return " ".join(text for texts in error.value.state.values() for text in texts)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "DELETE FROM LG_001_ITEMS",
        "SELECT TOP 1 LOGICALREF, NR, NAME FROM L_CAPIFIRM WHERE NR = 1 ORDER BY LOGICALREF; DROP TABLE X",
        "SELECT TOP 5 LOGICALREF, CODE, GUID, ACTIVE FROM LG_001_CLCARD WHERE (CODE = 'x' OR 1=1) ORDER BY LOGICALREF",
        "SELECT TOP 5 LOGICALREF, PASSWORD FROM LG_001_CLCARD WHERE LOGICALREF > 0 ORDER BY LOGICALREF",
        "SELECT TOP 5 LOGICALREF, CODE, GUID, ACTIVE FROM LG_002_CLCARD WHERE (CODE = 'x') ORDER BY LOGICALREF",
        "SELECT TOP 5 LOGICALREF, NR FROM L_CAPIUSER WHERE FIRMNR = 1 AND LOGICALREF > 0 ORDER BY LOGICALREF",
    ],
)
def test_the_query_door_refuses_what_no_connector_sends(ctx, statement):
    with pytest.raises(Rejected) as error:
        Client(ctx).query(statement)
    assert error.value.findings[0].code == "logo.database"


def test_statements_of_another_period_meet_no_table(connect, make_key):
    from kopru.sdk import Operation

    with pytest.raises(Rejected) as error:
        plugin.locate(connect(period=2), Operation.POST_INVOICE, make_key("k"), None)
    assert "LG_001_02_INVOICE" in error.value.message.en


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("CODE eq 'A1'", ["A1"]),
        ("CODE eq 'a1' or CODE eq 'B1'", ["A1", "B1"]),
        ("CODE like 'A*'", ["A1", "A2"]),
        ("CODE like '*1' and NAME eq 'bir'", ["A1"]),
        ("CODE eq 'A2' or CODE like 'B*' and NAME eq 'üç'", ["A2", "B1"]),
        ("NUMBER eq 7", ["A2"]),
    ],
)
def test_the_documented_query_language(query, codes):
    shelf = Shelf("CODE")
    for code, name, number in (("A1", "bir", 5), ("A2", "iki", 7), ("B1", "üç", 9)):
        shelf.add({"CODE": code, "NAME": name, "NUMBER": number})
    found = qlang.select(query, shelf, {"CODE", "NAME", "NUMBER"})
    assert [entry.body["CODE"] for entry in found] == codes


@pytest.mark.parametrize(
    "query", ["CODE", "CODE gt 'A'", "PASSWORD eq 'x'", "CODE eq 'a' xor CODE eq 'b'", "CODE eq 'O''x'"]
)
def test_other_queries_are_refused(sim, ctx, query):
    with pytest.raises(Rejected):
        Client(ctx).page("items", where=query)


def test_lists_never_give_more_than_25(ctx):
    assert len(Client(ctx).page("items", limit=500)) == 25
    assert len(Client(ctx).page("items", offset=25, limit=500)) == 15


def test_nested_collections_come_only_when_expanded(ctx):
    client = Client(ctx)
    assert "items" not in client.page("items", limit=1)[0]["UNITS"]
    assert client.page("items", limit=1, full=True)[0]["UNITS"]["items"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (invoice(ARP_CODE="YOK"), "Cari hesap kodu bulunamadı"),
        (invoice(goods(5, MASTER_CODE="YOK")), "Kart kodu bulunamadı"),
        (invoice(goods(5, UNIT_CODE="KG")), "Birim kodu bulunamadı"),
        (invoice(goods(5, QUANTITY=0)), "Miktar"),
        (invoice(TYPE=1), "Fiş türü"),
        (invoice(SOURCE_WH=9), "Ambar"),
        (invoice(DATE="2019-01-01"), "(202)"),
        (invoice(DATE="yarın"), "Tarih alanı"),
        (invoice(TRANSACTIONS={"items": []}), "satırı bulunamadı"),
        (invoice(NUMBER="X" * 17), "truncated"),
        (invoice(NOTES1="x" * 51), "truncated"),
        (invoice(goods(10, VAT_AMOUNT=5)), "KDV tutarı"),
        (invoice(NO_CALCULATE=1, TOTAL_DISCOUNTED=10, TOTAL_VAT=2, TOTAL_NET=50), "Toplamlar"),
    ],
)
def test_documents_are_refused_for_what_is_wrong(sim, body, text):
    assert text in refused(sim, body)
    assert len(sim.ledger.invoices) == 0


def test_up_to_six_problems_come_under_keys_of_their_own(sim):
    with pytest.raises(Refusal) as error:
        sim.enter_invoice(invoice(goods(1, MASTER_CODE="A"), goods(1, MASTER_CODE="B"), ARP_CODE="C"))
    assert list(error.value.state) == ["ValError0", "ValError1", "ValError2"]


def test_a_number_is_used_once_per_type_and_free_again_after_deletion(sim):
    sim.enter_invoice(invoice(NUMBER="ABC2026000000001"))
    assert "ABC2026000000001" in refused(sim, invoice(NUMBER="ABC2026000000001"))
    sim.enter_invoice(invoice(NUMBER="ABC2026000000001", TYPE=7))
    sim.ledger.delete_invoice(1)
    sim.enter_invoice(invoice(NUMBER="ABC2026000000001"))


def test_a_tilde_takes_the_next_number(sim):
    assert [sim.enter_invoice(invoice())["NUMBER"] for _ in range(2)] == [
        "0000000000000001",
        "0000000000000002",
    ]


def test_unknown_fields_are_ignored_and_reported(sim):
    stored = sim.enter_invoice(invoice(goods(5, SALESMAN_CODE="WEB"), CUSTOMER="x"))
    assert "CUSTOMER" not in stored
    assert "SALESMAN_CODE" not in stored["TRANSACTIONS"]["items"][0]
    assert sim.ledger.ignored == ["CUSTOMER", "SALESMAN_CODE"]


def calculate(*lines, campaigns=False, **how):
    return Calculator(**how).totals([dict(line) for line in lines], campaigns=campaigns)["TOTAL_NET"]


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([goods(100)], "120.00"),
        ([goods(120, VAT_INCLUDED=1)], "120.00"),
        ([goods(100), {"TYPE": 2, "DISCOUNT_RATE": 10, "DETAIL_LEVEL": 0}], "108.00"),
        ([goods(100), {"TYPE": 2, "TOTAL": 25, "CALC_TYPE": 1, "DETAIL_LEVEL": 0}], "90.00"),
        ([goods(100), goods(200), {"TYPE": 2, "TOTAL": 30, "DISCEXP_CALC": 1, "DETAIL_LEVEL": 1}], "324.00"),
        ([goods(100, CANDEDUCT=1, DEDUCTION_PART1=9, DEDUCTION_PART2=10)], "102.00"),
        ([goods("0.03"), goods("0.03")], "0.08"),
    ],
)
def test_the_servers_arithmetic(lines, total):
    assert calculate(*lines) == Decimal(total)


def test_arithmetic_that_differs_between_installations():
    assert calculate(goods("0.03"), goods("0.03"), vat_by_rate=True) == Decimal("0.07")
    assert calculate(goods(100), campaigns=True, campaign=Decimal(10)) == Decimal("108.00")
    assert calculate(goods(100), campaign=Decimal(10)) == Decimal("120.00")


def test_sessions_end_and_seats_become_free(sim, connect, window):
    sim.session_seconds, sim.seats = 0.2, 1
    ctx = connect()
    time.sleep(0.3)
    with pytest.raises(AuthError):
        plugin.fetch_products(ctx, None, window, 1)
    assert connect()


def test_posting_at_the_same_time_is_noticed(sim, ctx, make_key, book):
    sim.post_delay = 0.2
    posts = [
        threading.Thread(
            target=plugin.post_invoice, args=(ctx, make_key(str(n)), book(number=f"ABC202600000000{n}"))
        )
        for n in (1, 2)
    ]
    for post in posts:
        post.start()
    for post in posts:
        post.join(10)
    assert sim.overlaps == 1
    assert len(sim.ledger.invoices) == 2


def test_truth_and_held_records_are_told_to_other_processes(sim, ctx, make_key, book):
    plugin.post_invoice(ctx, make_key("k"), book())

    def ask(path):
        return json.loads(sim.handle(SimRequest("GET", path, {}, {}, b"")).body)

    assert ask("/_sim/held/post_invoice")[0]["reference"] == make_key("k").short
    assert [fact["kind"] for fact in ask("/_sim/truth")] == ["invoice.posted"]
    assert ask("/_sim/held/push_stock") == []


def test_unknown_paths_and_records_are_not_found(ctx):
    with pytest.raises(Rejected) as error:
        Client(ctx).read("salesInvoices", 99)
    assert error.value.code == "http.not_found"
    with pytest.raises(Rejected):
        Client(ctx).method("Reboot")


def test_one_invoice_resource_does_not_show_the_other(sim, ctx):
    sim.enter_invoice(invoice(TYPE=1), sales=False)
    assert Client(ctx).page("purchaseInvoices")
    assert not Client(ctx).page("salesInvoices")
    with pytest.raises(Rejected):
        Client(ctx).read("salesInvoices", 1)


def test_a_body_that_is_no_object_is_refused(sim, ctx):
    token = ctx.credentials.access_token.get_secret_value()
    request = SimRequest("POST", "/api/v1/Arps", {}, {"authorization": f"Bearer {token}"}, b"[1")
    assert sim.handle(request).status == 400


def test_behaviour_defaults_are_the_documented_ones():
    assert Behaviour() == Behaviour(keeps_guid=True, keeps_cancel_mark=True, answers_reference_only=False)
