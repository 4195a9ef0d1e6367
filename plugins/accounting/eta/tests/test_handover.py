"""Own invoices as cash register files: a golden file made from the described positions, and its way back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.hooks.dry_run import PlannedRequest
from kopru.sdk import Absent, CannotTell, Conflict, Found, Operation, Rejected
from kopru_eta import plugin
from kopru_eta.config import Receipts
from kopru_eta.mapping import receipt

GOLDEN = (
    "01".ljust(9)
    + "20260915103000"
    + "000000000042"
    + "10:30".ljust(12)
    + "1".ljust(14)
    + "00".ljust(30)
    + "1200.00".ljust(15)
    + "200.00".ljust(15)
    + "0.00".ljust(90)
    + "120.001"
    + "\r\n"
    + "02".ljust(9)
    + "ŞAMPUAN-1".ljust(24)
    + "0".ljust(9)
    + "20 "
    + "2".ljust(15)
    + "0"
    + "600.00".ljust(15)
    + "1200.00".ljust(15)
    + "200.00".ljust(15)
    + "0.00".ljust(76)
    + "8690000000012"
    + "\r\n"
    + "03 other lines are passed over\r\n"
)


@pytest.fixture
def filed(make_ctx, folder):
    return make_ctx(sales="file", folder=str(folder))


def test_the_described_positions_are_read():
    (sold,) = receipt.read(Receipts(), GOLDEN.encode("cp1254"))
    assert (sold.number, sold.total, sold.vat, sold.party) == (
        "000000000042",
        Decimal("1200.00"),
        Decimal("200.00"),
        "120.001",
    )
    (line,) = sold.lines
    assert (line.item, line.quantity, line.price, line.barcode, line.cancelled) == (
        "ŞAMPUAN-1",
        Decimal(2),
        Decimal("600.00"),
        "8690000000012",
        False,
    )


@pytest.mark.parametrize("spoilt", ["02 without a header", "01".ljust(91) + "12,5x"])
def test_a_line_that_cannot_be_read_is_named(spoilt):
    with pytest.raises(Rejected) as caught:
        receipt.read(Receipts(), spoilt.encode())
    assert caught.value.code == "eta.receipt.line"


@pytest.mark.parametrize("layout", [{}, {"point": ","}, {"point": "", "decimals": 3}, {"encoding": "utf-8"}])
def test_what_is_written_reads_back(make_ctx, ledger, folder, layout):
    config = make_ctx(sales="file", folder=str(folder), receipts=layout).config
    entry = ledger()
    (sold,) = receipt.read(config.receipts, receipt.file_of(config, entry))
    totals = entry.invoice.totals
    assert (sold.total, sold.vat, sold.discount) == (totals.payable, totals.tax, totals.allowance)
    assert sum(line.total for line in sold.lines) == totals.payable
    assert [line.quantity for line in sold.lines] == [line.quantity for line in entry.invoice.lines]


@given(amount=st.decimals(min_value=0, max_value=10**9, places=2))
def test_amounts_keep_every_kurus(amount):
    for point in (".", ",", ""):
        layout = Receipts(point=point)
        assert receipt._number(layout, receipt._amount(layout, amount)) == amount


def test_a_file_is_handed_over_once(filed, folder, ledger, key):
    made = plugin.post_invoice(filed, key(1), ledger())
    assert plugin.post_invoice(filed, key(1), ledger()) == made
    assert [path.name for path in folder.glob("*.GTF")] == [f"KOPRU_{key(1).short}.GTF"]
    located = plugin.locate(filed, Operation.POST_INVOICE, key(1), None)
    assert located == Found(made)
    with pytest.raises(Conflict):
        plugin.post_invoice(filed, key(1), ledger(1))


def test_a_file_that_eta_took_away_is_not_written_again_blindly(filed, folder, ledger, key):
    assert plugin.locate(filed, Operation.POST_INVOICE, key(1), None) == Absent()
    plugin.post_invoice(filed, key(1), ledger())
    next(folder.glob("*.GTF")).unlink()
    assert isinstance(plugin.locate(filed, Operation.POST_INVOICE, key(1), None), CannotTell)


def test_an_invoice_already_in_eta_is_not_handed_over(filed, ctx, folder, ledger, key):
    plugin.post_invoice(ctx, key(1), ledger())
    with pytest.raises(Conflict):
        plugin.post_invoice(filed, key(2), ledger())
    assert list(folder.iterdir()) == []


def test_a_value_too_long_for_its_place_is_refused(make_ctx, folder, ledger, key):
    ctx = make_ctx(sales="file", folder=str(folder), receipts={"header": {"party": [2, 3]}})
    with pytest.raises(Rejected) as caught:
        plugin.post_invoice(ctx, key(1), ledger())
    assert caught.value.code == "eta.receipt.field"
    assert list(folder.iterdir()) == []


def test_a_dry_run_writes_no_file(make_ctx, folder, ledger, key):
    with pytest.raises(PlannedRequest):
        plugin.post_invoice(make_ctx(sales="file", folder=str(folder), dry_run=True), key(1), ledger())
    assert list(folder.iterdir()) == []
