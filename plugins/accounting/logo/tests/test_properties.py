"""Rules that hold for every amount, text, page size and loss."""

import contextlib
import re
from datetime import time
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kopru.sdk import Absent, Conflict, Found, IdempotencyKey, Operation, OutcomeUnknown, Rejected
from kopru.testing.faults import Fault, FaultKind
from kopru_logo import plugin, sql
from kopru_logo.codes import packed_time
from kopru_logo.config import LogoConfig
from kopru_logo.mapping.edocument import split
from kopru_logo.mapping.invoice import invoice_body, notes
from kopru_logo.simulation.calculation import Calculator
from kopru_logo.simulation.ledger import Behaviour

QUICK = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SLOW = settings(QUICK, max_examples=15)

money = st.decimals(min_value="0.01", max_value="99999.99", places=2)
rates = st.sampled_from(["0", "1", "8", "10", "18", "20"])
quantities = st.one_of(
    st.integers(1, 500).map(str), st.decimals(min_value="0.001", max_value="99", places=3).map(str)
)


@st.composite
def sold(draw: Any) -> dict[str, str]:
    """Draw one line: what the buyer pays, the price before discounts, VAT rate and quantity."""
    before = draw(money)
    cut = draw(st.one_of(st.just(Decimal(0)), st.decimals(min_value="0.01", max_value=before, places=2)))
    rate = draw(rates)
    if before - cut == 0:
        cut = Decimal(0)
    return {"payable": str(before - cut), "before": str(before), "rate": rate, "quantity": draw(quantities)}


def calculated(body: dict[str, Any], calculator: Calculator | None = None) -> dict[str, Decimal]:
    lines = [dict(line) for line in body["TRANSACTIONS"]["items"]]
    totals = (calculator or Calculator()).totals(lines, campaigns=False)
    totals["lines"] = [line for line in lines if line["TYPE"] != 2]  # type: ignore[assignment]
    return totals


@QUICK
@given(lines=st.lists(sold(), min_size=1, max_size=6))
@pytest.mark.parametrize("by_rate", [False, True])
def test_logo_comes_to_the_invoice_total_to_the_kurus(make_config, make_key, book, make_line, by_rate, lines):
    ledger = book(*(make_line(id=str(n), **line) for n, line in enumerate(lines)))
    totals = calculated(invoice_body(make_config(), make_key("k"), ledger), Calculator(vat_by_rate=by_rate))
    invoice = ledger.invoice
    assert totals["TOTAL_NET"] == invoice.totals.payable
    assert totals["TOTAL_VAT"] == invoice.totals.tax
    assert totals["TOTAL_DISCOUNTED"] == invoice.totals.tax_exclusive
    kept = [(line["VAT_BASE"], line["VAT_AMOUNT"]) for line in totals["lines"]]  # type: ignore[index, attr-defined]
    assert kept == [(line.net, line.vat.amount) for line in invoice.lines]


@QUICK
@given(lines=st.lists(sold(), min_size=1, max_size=6))
def test_without_vat_logo_differs_by_a_kurus_per_line_at_most(make_config, make_key, book, make_line, lines):
    ledger = book(*(make_line(id=str(n), **line) for n, line in enumerate(lines)))
    totals = calculated(invoice_body(make_config(amounts="vat_excluded"), make_key("k"), ledger))
    assert totals["TOTAL_DISCOUNTED"] == ledger.invoice.totals.tax_exclusive
    assert abs(totals["TOTAL_NET"] - ledger.invoice.totals.payable) <= Decimal("0.01") * len(lines)


@QUICK
@given(value=st.text(max_size=40))
def test_no_text_leaves_its_literal(value):
    try:
        literal = sql.literal(value)
    except Rejected:
        assert re.search(r"[\x00-\x1f\x7f]", value)
        return
    match = re.fullmatch(r"N?'((?:[^']|'')*)'", literal)
    assert match
    assert match[1].replace("''", "'") == value


@QUICK
@given(at=st.times())
def test_packed_times_are_unpacked_again(at):
    packed = packed_time(at)
    unpacked = time(packed >> 24, packed >> 16 & 255, packed >> 8 & 255)
    assert unpacked == at.replace(microsecond=0)


@QUICK
@given(value=st.text(alphabet="Aşi ", max_size=120), length=st.integers(20, 60))
def test_a_split_text_fits_and_loses_nothing_that_fits(value, length):
    first, second = split(value, length)
    assert len(first) <= length
    assert len(second) <= length
    if len(value) <= length:
        assert (first, second) == (value, "")


@QUICK
@given(texts=st.lists(st.text(max_size=130), max_size=8))
def test_notes_never_exceed_logos_fields(texts):
    made = notes(*texts)
    assert set(made) <= {f"NOTES{n}" for n in range(1, 7)}
    assert all(0 < len(note) <= 50 for note in made.values())


@SLOW
@given(page=st.integers(1, 45), cap=st.integers(1, 50), places=st.sampled_from([(), (0,), (1, 0)]))
def test_stock_is_complete_for_every_page_size(sim, connect, page, cap, places):
    sim.sql.cap = cap
    ctx = connect(sql_page=page, stock_warehouses=places)
    found, cursor = [], None
    while True:
        answer = plugin.fetch_stock(ctx, cursor, (), 1000)
        found += [(record.value.item_code, record.value.warehouse) for record in answer.records]
        cursor = answer.next_cursor
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 40 * max(1, len(places))


LOSSES = [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.MALFORMED, FaultKind.STATUS]


@SLOW
@given(
    losses=st.lists(st.sampled_from(LOSSES), max_size=5),
    keeps_guid=st.booleans(),
    reference_only=st.booleans(),
    door=st.booleans(),
)
def test_whatever_is_lost_one_document_stands(sim, connect, book, losses, keeps_guid, reference_only, door):
    """Post with look-up before each repeat, as the engine does; answers are lost in every way."""
    sim.ledger.behaviour = Behaviour(keeps_guid=keeps_guid, answers_reference_only=reference_only)
    key = IdempotencyKey(value="k", uuid=uuid4())
    number = f"ABC2026{key.uuid.int % 10**9:09d}"
    ctx = connect(sql_door=door)
    sim.faults.clear()
    sim.faults.add(
        *(Fault(kind, method="POST", path="/salesInvoices", times=1, status=502) for kind in losses)
    )
    for _ in range(len(losses) + 1):
        with contextlib.suppress(OutcomeUnknown, Conflict):
            plugin.post_invoice(ctx, key, book(number=number))
        if isinstance(plugin.locate(ctx, Operation.POST_INVOICE, key, None), Found):
            break
    else:
        pytest.fail("the document never arrived")
    assert [held.reference for held in sim.held(Operation.POST_INVOICE)].count(key.short) == 1
    other = IdempotencyKey(value="o", uuid=uuid4())
    assert plugin.locate(ctx, Operation.POST_INVOICE, other, None) == Absent()


@QUICK
@given(data=st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["LOGICALREF", "INTERNAL_REFERENCE", "CODE", "NAME", "UNITS", "items", "VAT", "SELVAT", "ONHAND", "DATE_",
         "NETTOTAL", "TITLE", "DEFINITION_", "UNIT_CODE", "CONV_FACT1", "BARCODE", "BARCODE_LIST"]), inner, max_size=6),
    max_leaves=12,
))  # fmt: skip
def test_no_answer_breaks_the_mapping_of_a_record(data):
    from datetime import UTC, datetime

    from kopru_logo.mapping.item import product_record, stock_record
    from kopru_logo.mapping.party import card_of_object, card_record

    config = LogoConfig.model_validate({"url": "http://x", "username": "u", "password": "p", "firm": 1})
    records = (
        product_record(config, data),
        stock_record(0, data, datetime(2026, 3, 1, tzinfo=UTC)),
        card_record(config, data),
        card_record(config, card_of_object(data)),
    )
    for record in records:
        assert (record.value is None) == any(finding.blocks for finding in record.findings)
        assert record.raw.content
