"""What a buyer calls our items, put on its invoice."""

import uuid
from datetime import UTC, datetime

import pytest

from kopru.documents import BuyerItem, BuyerItems, Gaps, OrderFacts, compose_invoice, decide
from kopru.model import LineKind


class Own:
    vat_rate = None

    def __init__(self, code):
        self.code = code


@pytest.fixture
def composed(tenant, make_order, make_line, company):
    """Compose an order of two goods and shipping under a buyer's rules."""
    lines = (make_line("1"), make_line("2", name="Kazak"), make_line("3", kind=LineKind.SHIPPING))
    order = make_order(*lines, buyer=company)
    items = {"1": Own("A"), "2": Own("B"), "3": Own("KARGO")}
    issue = decide(tenant, OrderFacts(order, "trendyol", "trendyol", True)).result

    def compose(theirs):
        return compose_invoice(
            tenant,
            order,
            issue,
            items,
            ettn=uuid.UUID(int=1),
            issued_at=datetime(2026, 3, 2, tzinfo=UTC),
            theirs=theirs,
        )

    return compose


def named(**codes):
    return {code: BuyerItem(*told) for code, told in codes.items()}


def test_codes_and_names_of_the_buyer_stand_beside_ours(composed):
    made = composed(BuyerItems(Gaps.BLOCK, named(A=("700", "GOMLEK M"), B=("701",)))).invoice
    assert [(line.item_code, line.buyer_code, line.buyer_name) for line in made.lines] == [
        ("A", "700", "GOMLEK M"),
        ("B", "701", ""),
        ("KARGO", "", ""),
    ]
    assert [line.name for line in made.lines][:2] == ["Pamuklu gömlek", "Kazak"]


@pytest.mark.parametrize(
    ("gaps", "severities", "goes"),
    [(Gaps.IGNORE, [], True), (Gaps.WARN, ["warning"] * 2, True), (Gaps.BLOCK, ["error"] * 2, False)],
)
def test_every_gap_is_named_at_once_and_shipping_is_none(composed, gaps, severities, goes):
    result = composed(BuyerItems(gaps))
    assert (result.invoice is not None) is goes
    found = [each for each in result.findings if each.code == "document.line.buyer_code_missing"]
    assert [each.severity.value for each in found] == severities
    assert [each.field for each in found] == ["lines[0]", "lines[1]"][: len(found)]


def test_a_gap_changes_no_amount(composed):
    assert composed(BuyerItems(Gaps.WARN)).invoice.totals == composed(BuyerItems()).invoice.totals
