"""Splitting an answer into records without changing a byte of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru_trendyol import payload

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
FIELDS = st.dictionaries(st.text().filter(lambda name: name != "content"), JSON, max_size=4)


@given(FIELDS, st.lists(JSON, max_size=5), st.booleans(), st.sampled_from([None, 2]))
def test_records_and_fields_are_what_json_says(
    fields: dict[str, Any], items: list[Any], ascii_only: bool, indent: int | None
) -> None:
    content = json.dumps({**fields, "content": items}, ensure_ascii=ascii_only, indent=indent).encode()
    found = payload.read(content)
    assert found.enveloped
    assert [item.data for item in found.items] == items
    assert dict(found.fields) == fields
    for item in found.items:
        assert item.raw.content in content
        assert json.loads(item.raw.content) == item.data


@given(st.lists(JSON, max_size=5))
def test_a_bare_list_is_split_too(items: list[Any]) -> None:
    assert [item.data for item in payload.read(json.dumps(items).encode()).items] == items


@given(FIELDS)
def test_one_object_is_one_record(fields: dict[str, Any]) -> None:
    content = json.dumps(fields).encode()
    found = payload.read(b"\xef\xbb\xbf  " + content + b"\n")
    assert not found.enveloped
    assert [(item.data, item.raw.content) for item in found.items] == [(fields, content)]


@given(FIELDS, st.lists(JSON, max_size=5), st.data())
def test_a_cut_answer_is_never_taken_for_a_whole_one(
    fields: dict[str, Any], items: list[Any], data: st.DataObject
) -> None:
    content = json.dumps({**fields, "content": items}).encode()
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(ValueError):
        payload.read(content[:cut])


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":1,}',
        b"[1,]",
        b'{"content":[1,]}',
        b"{1:2}",
        b'{"a" 1}',
        b'{"a":}',
        b"nul",
        b"[1 2]",
        b"[]x",
        b'{"a":1',
    ],
)
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        payload.read(content)


def test_deep_nesting_is_refused_not_fatal() -> None:
    with pytest.raises(ValueError):
        payload.read(b'{"content":[' + b"[" * 200_000 + b"]" * 200_000 + b"]}")


def test_numbers_are_exact() -> None:
    (item,) = payload.read(b'[{"a":73300011122233344455,"b":0.10}]').items
    assert (str(item.data["a"]), str(item.data["b"])) == ("73300011122233344455", "0.10")


@pytest.mark.parametrize("value", [b"-1", b"1.5", b"true", b'"7"', b"null"])
def test_a_count_is_a_whole_number_or_nothing(value: bytes) -> None:
    assert payload.read(b'{"content":[],"n":' + value + b"}").count("n") is None
