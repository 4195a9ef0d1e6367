"""Exact matching: a line is an item for certain, or a person is asked, with the reason."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.matching import (
    Ambiguous,
    Conflicting,
    Item,
    ItemIndex,
    ItemKey,
    LinkKey,
    Match,
    NotTried,
    Resolved,
    Unmatched,
    barcode_key,
    code_key,
    link_keys,
    resolve_line,
    resolve_lines,
    wanted_keys,
)
from kopru.model import LineKind, OrderLine
from kopru.toolkit.taxnumbers import gtin_check_digit, is_gtin

EAN = "8690000000012"
OTHER_EAN = "8690000000029"
SHIRT = Item("1", "GMLK-M", "Gömlek M", (EAN,), Decimal(20))
TROUSERS = Item("2", "PNT-32", "Pantolon 32", (OTHER_EAN,), Decimal(10))
INDEX = ItemIndex.of([SHIRT, TROUSERS])


def line(id: str = "1", *, sku: str = "", barcode: str = "", **more: object) -> OrderLine:
    values = {"id": id, "name": "Pamuklu gömlek", "quantity": 1, "amount": 1, "sku": sku, "barcode": barcode}
    return OrderLine.model_validate(values | more)


def test_the_barcodes_of_these_tests_are_real_ones() -> None:
    assert is_gtin(EAN)
    assert is_gtin(OTHER_EAN)


@pytest.mark.parametrize(
    ("sku", "barcode", "by"),
    [
        ("GMLK-M", "", ItemKey.SKU),
        (" gmlk-m ", "", ItemKey.SKU),
        ("", EAN, ItemKey.BARCODE),
        ("", f"0{EAN}", ItemKey.BARCODE),
        ("", " 869 0000000012", ItemKey.BARCODE),
        ("GMLK-M", EAN, ItemKey.SKU),
        ("BILINMEYEN", EAN, ItemKey.BARCODE),
        ("GMLK-M", "8690000000999", ItemKey.SKU),
    ],
)
def test_equal_keys_resolve_a_line(sku: str, barcode: str, by: ItemKey) -> None:
    match = resolve_line(line(sku=sku, barcode=barcode), INDEX)
    assert isinstance(match, Resolved)
    assert (match.item, match.by) == (SHIRT, by)
    assert match.reason.tr
    assert match.reason.en


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({}, "match.no_key"),
        ({"sku": "GMLK-L"}, "match.unmatched"),
        ({"sku": "GMLKM"}, "match.unmatched"),
        ({"barcode": "8690000000036"}, "match.unmatched"),
        ({"barcode": "8690000000013"}, "match.barcode_digit"),
    ],
)
def test_nothing_is_guessed(keys: dict[str, str], code: str) -> None:
    match = resolve_line(line(**keys), INDEX)
    assert isinstance(match, Unmatched)
    assert match.code == code
    assert "Pamuklu gömlek" in match.reason.tr


def test_keys_that_name_different_items_are_a_conflict() -> None:
    match = resolve_line(line(sku="GMLK-M", barcode=OTHER_EAN), INDEX)
    assert isinstance(match, Conflicting)
    assert match.items == (SHIRT, TROUSERS)
    assert "GMLK-M → GMLK-M" in match.reason.en
    assert f"{OTHER_EAN} → PNT-32" in match.reason.tr


def test_a_barcode_of_two_items_names_neither() -> None:
    twin = Item("3", "GMLK-M2", "Gömlek M (yeni)", (f"0{EAN}",))
    index = ItemIndex.of([SHIRT, TROUSERS, twin])
    match = resolve_line(line(barcode=EAN), index)
    assert isinstance(match, Ambiguous)
    assert (match.items, match.by) == ((SHIRT, twin), ItemKey.BARCODE)
    assert "GMLK-M, GMLK-M2" in match.reason.tr
    told = resolve_line(line(sku="GMLK-M", barcode=EAN), index)
    assert isinstance(told, Resolved)
    assert (told.item, told.by) == (SHIRT, ItemKey.SKU)
    assert isinstance(resolve_line(line(sku="PNT-32", barcode=EAN), index), Conflicting)


def test_a_code_of_two_items_needs_the_barcode() -> None:
    twin = Item("3", "gmlk-m", "Eski kart", ())
    index = ItemIndex.of([SHIRT, twin])
    assert isinstance(resolve_line(line(sku="GMLK-M"), index), Ambiguous)
    match = resolve_line(line(sku="GMLK-M", barcode=EAN), index)
    assert isinstance(match, Resolved)
    assert (match.item, match.by) == (SHIRT, ItemKey.BARCODE)


def linked(**keys: str) -> ItemIndex:
    links = {
        LinkKey(kind, value): id for kind, value, id in ([*key.split(":"), id] for key, id in keys.items())
    }
    return ItemIndex.of([SHIRT, TROUSERS], links)


def test_a_confirmed_link_is_final() -> None:
    for key in ("sku:GMLK-M", f"barcode:{barcode_key(EAN)}"):
        match = resolve_line(line(sku="gmlk-m", barcode=EAN), linked(**{key: "2"}))
        assert isinstance(match, Resolved)
        assert (match.item, match.by) == (TROUSERS, ItemKey.LINK)


def test_links_that_disagree_are_a_conflict() -> None:
    index = linked(**{"sku:GMLK-M": "1", f"barcode:{barcode_key(EAN)}": "2"})
    assert isinstance(resolve_line(line(sku="GMLK-M", barcode=EAN), index), Conflicting)


def test_a_link_to_an_item_that_is_gone_is_told() -> None:
    match = resolve_line(line(sku="GMLK-M"), linked(**{"sku:GMLK-M": "99"}))
    assert isinstance(match, Unmatched)
    assert match.code == "match.link_gone"


def test_a_product_id_of_several_variants_links_none_of_them() -> None:
    assert link_keys(line(sku="A", product_id="777")) == (LinkKey("sku", "A"),)
    assert link_keys(line(product_id="777")) == (LinkKey("product", "777"),)
    index = linked(**{"product:777": "1"})
    assert isinstance(resolve_line(line(sku="PNT-32", product_id="777"), index), Resolved)
    only = resolve_line(line(product_id="777"), index)
    assert isinstance(only, Resolved)
    assert only.item == SHIRT


def test_the_tenant_says_which_keys_decide() -> None:
    order_line = line(sku="GMLK-M", barcode=OTHER_EAN)
    answers = [resolve_lines([order_line], INDEX, [key])["1"] for key in ("sku", "barcode", "link")]
    assert [getattr(answer, "item", None) for answer in answers] == [SHIRT, TROUSERS, None]
    with pytest.raises(ValueError, match="name"):
        resolve_lines([order_line], INDEX, ["name"])


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": LineKind.SHIPPING}, "match.service"),
        ({"kind": LineKind.FEE}, "match.service"),
        ({"cancelled": True}, "match.cancelled"),
    ],
)
def test_lines_that_need_no_item_are_not_tried(more: dict[str, object], code: str) -> None:
    match = resolve_line(line(sku="GMLK-M", **more), INDEX)
    assert isinstance(match, NotTried)
    assert match.code == code


def test_one_unknown_line_does_not_touch_its_neighbours() -> None:
    lines = [line("a", sku="GMLK-M"), line("b", sku="YOK"), line("c", barcode=OTHER_EAN)]
    matches = resolve_lines(lines, INDEX)
    assert [type(matches[id]) for id in ("a", "b", "c")] == [Resolved, Unmatched, Resolved]


def test_turkish_letters_do_not_make_codes_equal() -> None:
    assert code_key("işık") != code_key("ISIK")
    assert code_key("a  b ") == "A B"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (EAN, f"0{EAN}"),
        ("96385074", "00000096385074"),
        ("96385075", ""),
        ("8690000000013", ""),
        ("K-123", "K-123"),
        ("123", "123"),
        ("", ""),
        ("٨٦٩", "٨٦٩"),
    ],
)
def test_barcodes_are_compared_by_value(typed: str, key: str) -> None:
    assert barcode_key(typed) == key


digits = st.text("0123456789", min_size=12, max_size=12)


@given(digits, st.integers(0, 11), st.integers(1, 9))
def test_a_mistyped_digit_never_matches(body: str, place: int, more: int) -> None:
    barcode = f"{body}{gtin_check_digit(body)}"
    item = Item("1", "A", barcodes=(barcode,))
    index = ItemIndex.of([item])
    assert isinstance(resolve_line(line(barcode=barcode), index), Resolved)
    wrong = barcode[:place] + str((int(barcode[place]) + more) % 10) + barcode[place + 1 :]
    assert isinstance(resolve_line(line(barcode=wrong), index), Unmatched)


codes = st.sampled_from(["A", "B", "C", "a", ""])
barcodes = st.sampled_from([EAN, OTHER_EAN, "K1", ""])
catalogues = st.lists(st.tuples(codes, st.lists(barcodes, max_size=2)), max_size=6)


@given(catalogues, codes, barcodes)
def test_a_resolved_item_holds_every_key_that_is_known(
    catalogue: list[tuple[str, list[str]]], sku: str, barcode: str
) -> None:
    items = [Item(str(index), code, barcodes=tuple(some)) for index, (code, some) in enumerate(catalogue)]
    index = ItemIndex.of(items)
    match: Match = resolve_line(line(sku=sku, barcode=barcode), index)
    by_code = [item for item in items if sku and code_key(item.code) == code_key(sku)]
    by_barcode = [
        item for item in items if barcode and barcode_key(barcode) in map(barcode_key, item.barcodes)
    ]
    claims = [claim for claim in (by_code, by_barcode) if claim]
    if isinstance(match, Resolved):
        assert all(match.item in claim for claim in claims)
        assert any(len(claim) == 1 for claim in claims)
    elif isinstance(match, Unmatched):
        assert claims == []
    elif isinstance(match, Ambiguous):
        assert all(len(claim) > 1 for claim in claims)
    else:
        assert len({item.id for claim in claims for item in claim}) > 1


def test_what_to_fetch_is_known_before() -> None:
    lines = [line("1", sku="a", barcode=EAN), line("2", sku="x", cancelled=True), line("3", product_id="9")]
    wanted = wanted_keys(lines)
    assert wanted.codes == {"A"}
    assert wanted.barcodes == {f"0{EAN}"}
    assert wanted.links == {LinkKey("sku", "A"), LinkKey("barcode", f"0{EAN}"), LinkKey("product", "9")}


@given(catalogues, codes, barcodes)
def test_an_index_of_what_is_wanted_answers_like_the_whole_catalogue(
    catalogue: list[tuple[str, list[str]]], sku: str, barcode: str
) -> None:
    items = [Item(str(index), code, barcodes=tuple(some)) for index, (code, some) in enumerate(catalogue)]
    order_line = line(sku=sku, barcode=barcode)
    wanted = wanted_keys([order_line])
    fetched = [
        item
        for item in items
        if code_key(item.code) in wanted.codes or wanted.barcodes & set(map(barcode_key, item.barcodes))
    ]
    assert resolve_line(order_line, ItemIndex.of(fetched)) == resolve_line(order_line, ItemIndex.of(items))
