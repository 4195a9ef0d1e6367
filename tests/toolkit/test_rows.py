"""Reading fields of rows whose types nobody can rely on."""

from decimal import Decimal

import pytest

from kopru.toolkit import rows


@pytest.mark.parametrize(
    ("value", "read"), [(" a ", "a"), (None, ""), (5, "5"), (Decimal("1.50"), "1.50"), (True, "True")]
)
def test_a_text_is_stripped_and_never_null(value, read):
    assert rows.text({"x": value}, "x") == read


def test_a_missing_field_is_empty():
    assert rows.text({}, "x") == ""
    assert rows.number({}, "x") is None
    assert rows.integer({}, "x", 7) == 7
    assert rows.flag({}, "x") is False


@pytest.mark.parametrize("value", [{}, [], {"value": 7}])
def test_a_nested_value_is_no_field(value):
    for read in (rows.text, rows.number, rows.integer, rows.flag):
        with pytest.raises(ValueError, match="x is n"):
            read({"x": value}, "x")


@pytest.mark.parametrize(("value", "read"), [("12.50", "12.50"), (3, "3"), (" 7 ", "7"), ("-0.01", "-0.01")])
def test_a_number_may_be_written_as_text(value, read):
    assert rows.number({"x": value}, "x") == Decimal(read)


@pytest.mark.parametrize("value", ["12,50", "1.234,50", "abc", "NaN", "Infinity", True])
def test_a_doubtful_number_is_refused(value):
    with pytest.raises(ValueError, match="x is not a"):
        rows.number({"x": value}, "x")


@pytest.mark.parametrize("value", ["1.5", "9223372036854775808", Decimal("1e30")])
def test_a_whole_number_is_whole_and_fits(value):
    with pytest.raises(ValueError, match="whole"):
        rows.integer({"x": value}, "x")


@pytest.mark.parametrize(
    ("value", "read"), [(True, True), (0, False), ("1", True), ("False", False), ("TRUE", True), (-1, True)]
)
def test_a_flag_comes_in_many_forms(value, read):
    assert rows.flag({"x": value}, "x") is read


def test_another_word_is_no_flag():
    with pytest.raises(ValueError, match="neither"):
        rows.flag({"x": "belki"}, "x")


def test_the_raw_record_keeps_all_digits():
    assert rows.raw({"a": Decimal("0.10"), "b": "ş"}).content == '{"a":"0.10","b":"ş"}'.encode()
