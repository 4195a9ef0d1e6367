"""Hostile JSON is bounded, faults become findings of one record."""

from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kopru.hooks.errors import Rejected, TransientError
from kopru.hooks.types import Raw
from kopru.model import Finding, Text
from kopru.toolkit import validation


def code_of(content: bytes, **options: int) -> str:
    with pytest.raises(Rejected) as caught:
        validation.read_json(content, **options)
    return caught.value.code


def test_decimals_stay_exact() -> None:
    data = validation.read_json(b'{"price": 19.90, "rate": 1e-3, "id": 12345678901234567890}')
    assert data == {"price": Decimal("19.90"), "rate": Decimal("0.001"), "id": 12345678901234567890}
    assert str(data["price"]) == "19.90"


def test_bom_and_repeated_keys_are_taken() -> None:
    assert validation.read_json(b'\xef\xbb\xbf{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "json.malformed"),
        (b'{"a": 1', "json.malformed"),
        (b"<html>", "json.malformed"),
        (b'{"a": "\x00"}', "json.malformed"),
        (b'{"a": "\xff"}', "json.encoding"),
        ('{"a": "ş"}'.encode("iso-8859-9"), "json.encoding"),
        ('{"a": 1}'.encode("utf-16"), "json.encoding"),
        (b'{"a": NaN}', "json.number"),
        (b"[Infinity, -Infinity]", "json.number"),
        (b"[1e999999999]", "json.number"),
        (b"[" + b"9" * 5_000 + b"]", "json.number"),
        (b"[0." + b"9" * 5_000 + b"]", "json.number"),
        (b"[" * 200 + b"]" * 200, "json.too_deep"),
        (b"[" * 200_000 + b"]" * 200_000, "json.too_deep"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "json.too_deep"),
    ],
)
def test_hostile_json(content: bytes, code: str) -> None:
    assert code_of(content) == code


def test_bounds_are_inclusive() -> None:
    assert validation.read_json(b"[[1]]", max_depth=2) == [[1]]
    assert code_of(b"[[1]]", max_depth=1) == "json.too_deep"
    assert validation.read_json(b"[1]", limit=3) == [1]
    assert code_of(b"[1]", limit=2) == "json.too_large"


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**20), 10**20)
        | st.text(alphabet=st.characters(codec="utf-8")),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    )
)
def test_ordinary_json_is_read(data: object) -> None:
    import json

    assert validation.read_json(json.dumps(data).encode()) == data


def test_one_bad_record_does_not_stop_its_neighbours() -> None:
    page = b'[{"name": "\xff"}, {"name": "iyi"}, {"name": "a\\u0000b"}, {"name": "\\ud800"}]'
    records = validation.read_json(page, replace=True)
    codes = [
        [finding.code for finding in validation.text_findings(each, prefix="x.order")] for each in records
    ]
    assert codes == [["x.order.encoding"], [], ["x.order.nul"], ["x.order.encoding"]]
    assert validation.text_findings(records[0], prefix="x.order")[0].field == "name"


def test_text_findings_give_the_path() -> None:
    data = {"lines": [{"name": "ok"}, {"name": "a\x00"}]}
    (found,) = validation.text_findings(data, prefix="x")
    assert found.field == "lines[1].name"


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=3, min_length=1)]
    rate: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(0)
    kind: Annotated[str, Field(pattern="^[a-z]*$")] = ""


class Sheet(BaseModel):
    rows: list[Row]
    total: int = 0

    @model_validator(mode="after")
    def _agrees(self) -> "Sheet":
        if self.total and self.total != len(self.rows):
            raise ValueError("total differs")
        return self


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        ({}, "v.o.missing", "rows"),
        ({"rows": [{}]}, "v.o.missing", "rows[0].name"),
        ({"rows": [{"name": "abcd"}]}, "v.o.length", "rows[0].name"),
        ({"rows": [{"name": ""}]}, "v.o.length", "rows[0].name"),
        ({"rows": [{"name": 5}]}, "v.o.type", "rows[0].name"),
        ({"rows": [{"name": "a"}, {"name": "a", "rate": 101}]}, "v.o.range", "rows[1].rate"),
        ({"rows": [{"name": "a", "rate": "x"}]}, "v.o.value", "rows[0].rate"),
        ({"rows": [{"name": "a", "kind": "A"}]}, "v.o.value", "rows[0].kind"),
        ({"rows": [{"name": "a", "new": 1}]}, "v.o.unknown", "rows[0].new"),
        ({"rows": [], "total": 3}, "v.o.inconsistent", ""),
    ],
)
def test_findings_of_a_failed_validation(data: object, code: str, field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Sheet.model_validate(data)
    (found,) = validation.findings(caught.value, prefix="v.o")
    assert (found.code, found.field) == (code, field)
    assert found.blocks
    assert field in found.message.tr


def test_findings_do_not_repeat_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        Row.model_validate({"name": "canary-10000000146"})
    (found,) = validation.findings(caught.value, prefix="v.o", root="buyer")
    assert "canary" not in found.model_dump_json()
    assert found.field == "buyer.name"


RAW = Raw(b"{}")


def test_a_good_record() -> None:
    record = validation.record("7", RAW, lambda: Row(name="a"), prefix="v.o")
    assert (record.external_id, record.value, record.findings) == ("7", Row(name="a"), ())


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda: Row.model_validate({}), "v.o.missing"),
        (lambda: {}["buyer"], "v.o.unreadable"),
        (lambda: None + 1, "v.o.unreadable"),
        (lambda: "x".missing, "v.o.unreadable"),
        (lambda: list("ab")[2], "v.o.unreadable"),
        (lambda: Decimal("x"), "v.o.unreadable"),
        (lambda: int("x"), "v.o.unreadable"),
    ],
)
def test_a_bad_record_keeps_its_raw_and_says_why(fault, code: str) -> None:
    record = validation.record("7", RAW, fault, prefix="v.o")
    assert record.value is None
    assert record.raw is RAW
    assert [finding.code for finding in record.findings] == [code]
    assert all(finding.blocks for finding in record.findings)


def test_a_refusal_becomes_findings() -> None:
    def refuse() -> Row:
        raise Rejected("number.unreadable", Text(tr="a", en="b"), field="price", detail="x")

    (found,) = validation.record("7", RAW, refuse, prefix="v.o").findings
    assert (found.code, found.field, found.message.en) == ("number.unreadable", "price", "b")

    own = Finding(code="a.b", message=Text(tr="a", en="b"))
    assert validation.rejection_findings(Rejected("x.y", findings=[own])) == (own,)
    assert validation.rejection_findings(Rejected("plain"))[0].code == "record.plain"


def test_other_errors_pass_through() -> None:
    def fail() -> Row:
        raise TransientError("x.down")

    with pytest.raises(TransientError):
        validation.record("7", RAW, fail, prefix="v.o")
