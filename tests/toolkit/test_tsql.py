"""SQL Server statements with literals in place of parameters."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.sdk import Rejected
from kopru.toolkit import tsql


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("TY-1", "'TY-1'"),
        ("O'Neil", "'O''Neil'"),
        ("ŞİŞE", "N'ŞİŞE'"),
        (7, "7"),
        (True, "1"),
        (Decimal("1E+2"), "100"),
        (date(2026, 12, 31), "'20261231'"),
        (("a", "ç"), "'a', N'ç'"),
        ((), "NULL"),
    ],
)
def test_literals(value, written):
    assert tsql.literal(value) == written


@pytest.mark.parametrize("value", ["a\x00b", "a\nb", "\x7f"])
def test_control_characters_are_refused(value):
    with pytest.raises(Rejected) as refused:
        tsql.literal(value)
    assert refused.value.code == "tsql.text"


def test_an_endless_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        tsql.literal(Decimal("NaN"))


def test_places_are_filled_and_quoted_text_is_left_alone():
    statement = "SELECT TOP (:top) a FROM t WHERE b = :code AND c = '12:top' AND d = ':code'"
    rendered = tsql.render(statement, {"top": 5, "code": ":top"})
    assert rendered == "SELECT TOP (5) a FROM t WHERE b = ':top' AND c = '12:top' AND d = ':code'"


def test_a_place_without_a_value_is_a_bug():
    with pytest.raises(KeyError):
        tsql.render("SELECT :missing", {})


@given(st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"])))
def test_no_text_leaves_its_literal(value):
    written = tsql.literal(value).removeprefix("N")
    assert (written[0], written[-1]) == ("'", "'")
    assert "'" not in written[1:-1].replace("''", "")
    assert written[1:-1].replace("''", "'") == value


@pytest.mark.parametrize(
    ("name", "good"), [("ozel_alan", True), ("a b", False), ("x;DROP", False), ("1a", False), ("", False)]
)
def test_names(name, good):
    assert tsql.is_name(name) is good
