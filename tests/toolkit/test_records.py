"""Lists in JSON answers: each record keeps its bytes."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.hooks.errors import Rejected
from kopru.toolkit import records

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=5), JSON, st.sampled_from([None, 2]))
def test_records_come_as_they_were_written(rows: list[Any], other: Any, indent: int | None) -> None:
    text = json.dumps({"a": other, "data": {"list": rows, "n": 1}, "z": other}, indent=indent)
    answer = records.read(text.encode(), ("data", "list"))
    assert answer.items is not None
    assert [json.loads(item.raw.content) for item in answer.items] == rows
    assert [item.data for item in answer.items] == rows
    assert all(item.raw.content in text.encode() for item in answer.items)
    assert answer.data == {"a": other, "data": {"list": None, "n": 1}, "z": other}


def test_the_text_itself_may_be_the_list() -> None:
    answer = records.read(b'\xef\xbb\xbf [ {"a": 1.10} , 2 ] ')
    assert answer.items is not None
    assert [item.raw.content for item in answer.items] == [b'{"a": 1.10}', b"2"]
    assert answer.items[0].data == {"a": Decimal("1.10")}


@pytest.mark.parametrize(
    "content", [b"{}", b'{"data": {}}', b'{"data": []}', b'{"data": {"list": 5}}', b"7", b"null"]
)
def test_without_the_list_there_are_no_records(content: bytes) -> None:
    assert records.read(content, ("data", "list")).items is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1,]", b'{"a":1,}', b"{} {}", b'{"data": {"list": [1 2]}}', b"\x00", b"{5: 1}"]
)
def test_what_is_not_json_is_rejected(content: bytes) -> None:
    with pytest.raises(Rejected, match=r"json.malformed"):
        records.read(content, ("data", "list"))


def test_bounds() -> None:
    with pytest.raises(Rejected, match=r"json.too_large"):
        records.read(b"[1, 2, 3]", limit=5)
    with pytest.raises(Rejected, match=r"json.too_deep"):
        records.read(b'{"a":' * 20_000)
    with pytest.raises(Rejected, match=r"json.too_deep"):
        records.read(b"[" * 20_000)


def test_bad_bytes_and_absurd_numbers_spoil_only_their_own_record() -> None:
    answer = records.read(
        b'[{"a": "\xff"}, {"a": 1e999999}, {"a": ' + b"9" * 5000 + b'}, {"a": NaN}, {"a": 1}]'
    )
    assert answer.items is not None
    first, second, third, fourth, last = (item.data["a"] for item in answer.items)
    assert first == "\udcff" and answer.items[0].raw.content == b'{"a": "\xff"}'
    assert (second, third, fourth, last) == ("1e999999", "9" * 5000, "NaN", 1)
