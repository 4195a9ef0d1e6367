"""The index is a value: changes are found at once, old readers keep theirs, and its bytes survive any cut."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.matching.api import CatalogueItem, Line
from kopru.matching.buffers import FORMAT, Unreadable, pack, unpack
from kopru.matching.index import Index, build
from kopru.matching.matcher import Matcher

TEA = CatalogueItem("1", "CAY", "Doğuş Siyah Çay 500 g", ("8690000000012",), ("DGS SYH CAY",), "C62")
COFFEE = CatalogueItem("2", "KHV", "Nehir Filtre Kahve 250 g", ("8690000000029", "IC-77"))
SUGAR = CatalogueItem("3", "SKR", "Billur Toz Şeker 1 kg")
INDEX = Index.of(build([TEA, COFFEE]))


def first(index: Index, text: str, **fields: str) -> str:
    verdict = Matcher(index).match([Line("1", text, **fields)])[0]
    return verdict.best.item_id if verdict.best else ""


def test_items_come_back_as_they_went_in() -> None:
    assert INDEX.item("1") == TEA
    assert INDEX.item("2") == COFFEE
    assert INDEX.item("9") is None
    assert list(INDEX.all_items()) == [TEA, COFFEE]


def test_a_new_item_is_found_without_a_rebuild() -> None:
    changed = INDEX.changed([SUGAR])
    assert first(changed, "BİLLUR TOZ ŞEKER 1000 GR") == "3"
    assert first(INDEX, "BİLLUR TOZ ŞEKER 1000 GR") != "3"
    assert (changed.items, changed.changes, INDEX.items, INDEX.changes) == (3, 1, 2, 0)
    assert changed.base is INDEX.base


def test_a_renamed_item_is_found_by_its_new_name_only() -> None:
    renamed = CatalogueItem("1", "CAY", "Karadeniz Yeşil Bitki Çayı 40'lı", ("8690000000050",))
    changed = INDEX.changed([renamed])
    assert changed.item("1") == renamed
    assert changed.items == 2
    assert first(changed, "KARADENIZ YESIL BITKI CAYI 40 LI") == "1"
    assert first(changed, "", barcode="8690000000050") == "1"
    assert first(changed, "", barcode="8690000000012") == ""
    assert first(changed, "DOĞUŞ SİYAH") != "1"


def test_a_removed_item_is_gone_by_every_key() -> None:
    changed = INDEX.changed(gone=["2"])
    assert changed.item("2") is None
    assert first(changed, "NEHİR FİLTRE KAHVE 250 G") != "2"
    assert first(changed, "", barcode="8690000000029") == ""
    assert first(changed, "", own_code="KHV") == ""
    assert INDEX.changed([SUGAR]).changed(gone=["3"]).item("3") is None


def test_a_further_name_is_kept_once() -> None:
    changed = INDEX.with_alias("2", "NHR FLT KHV")
    assert first(changed, "NHR FLT KHV") == "2"
    assert changed.with_alias("2", "NHR FLT KHV") is changed
    assert INDEX.with_alias("9", "x") is INDEX


def test_merging_keeps_what_was_found() -> None:
    changed = INDEX.changed([SUGAR, CatalogueItem("1", "CAY", "Doğuş Filiz Çay 1 kg")], gone=["2"])
    merged = Index.of(changed.merged())
    assert sorted(merged.all_items(), key=lambda item: item.id) == sorted(
        changed.all_items(), key=lambda item: item.id
    )
    assert merged.changes == 0
    assert first(merged, "DOGUS FILIZ CAY 1KG") == "1"


def packed(items: Iterable[CatalogueItem]) -> bytes:
    return b"".join(bytes(piece) for piece in pack(build(items)))


def test_the_bytes_of_an_index_are_read_without_copying() -> None:
    raw = packed([TEA, COFFEE, SUGAR])
    arrays = unpack(memoryview(raw))
    assert all(not array.flags.owndata and not array.flags.writeable for array in arrays.values())
    assert first(Index.of(arrays), "billur seker 1 kg") == "3"
    for name, array in build([TEA, COFFEE, SUGAR]).items():
        assert np.array_equal(arrays[name], array), name


@given(st.integers(0, 4_000))
def test_a_cut_off_index_is_refused(length: int) -> None:
    raw = packed([TEA])
    with pytest.raises(Unreadable):
        unpack(raw[: min(length, len(raw) - 1)])


@pytest.mark.parametrize(
    "raw", [b"", b"something else, long enough to hold a start", b"kopruix\n" + b"\xff" * 64]
)
def test_other_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        unpack(raw)


def test_an_index_of_another_format_is_refused() -> None:
    with pytest.raises(Unreadable):
        unpack(packed([TEA]).replace(f'"format": {FORMAT}'.encode(), b'"format": 0', 1))


ITEMS = st.builds(
    CatalogueItem,
    id=st.text(min_size=1, max_size=6),
    code=st.text(max_size=6),
    name=st.text(max_size=30),
    barcodes=st.lists(st.text(max_size=14).filter(lambda each: each.split() == [each]), max_size=2).map(
        tuple
    ),
    aliases=st.lists(st.text(max_size=20), max_size=2, unique=True).map(tuple),
)


@given(
    st.lists(ITEMS, max_size=8, unique_by=lambda item: item.id),
    st.lists(ITEMS, max_size=4),
    st.integers(0, 8),
)
def test_any_items_can_be_indexed_changed_and_merged(
    items: list[CatalogueItem], more: list[CatalogueItem], gone: int
) -> None:
    ids = [item.id for item in items[:gone]]
    index = Index.of(build(items)).changed(more).changed(gone=ids)
    expected = {item.id: item for item in [*items, *more] if item.id not in ids}
    merged = Index.of(index.merged())
    assert {item.id for item in merged.all_items()} == set(expected)
    assert merged.items == index.items == len(expected)
    for item in expected.values():
        verdict = Matcher(index).match([Line("1", item.name)], limit=50)[0]
        assert verdict.code
