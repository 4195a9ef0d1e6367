"""Statement files: what they declare is checked, and values never change on their way."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.hooks.errors import ConfigError, PluginBug, Rejected
from kopru.transport import statements
from kopru.transport.mssql import call_of
from kopru.transport.statements import Kind, bind, load, parse

READ = """-- Items behind a code.
-- kind: read
-- value: after nvarchar(5)
-- name: table
SELECT a, '@text' FROM $(table) WHERE a > @after -- @remark
"""


def one(kind: str, type: str = "int") -> statements.Statement:
    return parse("one", f"-- kind: {kind}\n-- value: x {type}\nSELECT @x AS x")


def test_a_file_declares_kind_values_and_names() -> None:
    statement = parse("items", READ)
    assert (statement.kind, statement.types, statement.places) == (
        Kind.READ,
        {"after": "nvarchar(5)"},
        frozenset({"table"}),
    )
    batch = bind(statement, {"after": "A"}, {"table": "dbo.Stok_1"})
    assert "FROM [dbo].[Stok_1] WHERE" in batch.text
    assert "@after" in batch.text, "values stay parameters"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "-- kind: delete\nSELECT 1",
        "-- kind: read\nSELECT @x",
        "-- kind: read\n-- value: x int\nSELECT 1",
        "-- kind: read\n-- value: x text\nSELECT @x",
        "-- kind: read\n-- value: X int\nSELECT @X",
        "-- kind: read\nSELECT 1 FROM $(table)",
        "-- kind: read\n-- name: table\nSELECT 1",
        "-- kind: read\nDELETE FROM t",
        "-- kind: read\nSELECT * INTO t FROM u",
        "-- kind: read\nEXEC p",
        "-- kind: read\nSELECT 1; drop table t",
        "-- kind: write\nUPDATE t SET a = 1; COMMIT TRANSACTION",
        "-- kind: write\nBEGIN TRAN; UPDATE t SET a = 1",
    ],
)
def test_a_file_that_does_not_say_what_it_does_is_refused(text: str) -> None:
    with pytest.raises(PluginBug) as caught:
        parse("faulty", text)
    assert caught.value.code == "sql.statement"


def test_words_in_texts_and_remarks_do_not_count() -> None:
    statement = parse(
        "quiet",
        "-- kind: read\n-- DELETE\nSELECT 'it''s UPDATE', updated_at /* DROP */ FROM t WITH (UPDLOCK)",
    )
    assert statement.kind is Kind.READ


def test_a_procedure_s_own_parameters_are_written_in_capitals() -> None:
    statement = parse(
        "call",
        "-- kind: write\n-- value: code int\nDECLARE @ref INT;\nEXEC p @Kod = @code, @No = @ref OUTPUT",
    )
    assert statement.types == {"code": "int"}


@pytest.mark.parametrize(
    "name", ["a]; DROP TABLE x--", "a.b.c", "", "1a", "a b", "a'b", "[a]", "a" * 129, "a;b"]
)
def test_a_name_is_letters_digits_and_underscores(name: str) -> None:
    with pytest.raises(ConfigError):
        bind(parse("items", READ), {"after": "A"}, {"table": name})
    with pytest.raises(ConfigError):
        statements.database_name(name)


def test_turkish_letters_may_stand_in_a_name() -> None:
    assert statements.quoted("dbo.Ürün_1") == "[dbo].[Ürün_1]"


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("nvarchar(3)", "abcd"),
        ("nvarchar(3)", "ab😀"),
        ("nvarchar(max)", "a\x00b"),
        ("decimal(6,2)", Decimal("1.001")),
        ("decimal(6,2)", Decimal("12345.00")),
        ("decimal(6,2)", Decimal("NaN")),
        ("int", 2**31),
        ("bit", 2),
        ("date", date(1600, 1, 1)),
        ("datetime", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_would_be_cut_or_rounded_is_refused(type: str, value: object) -> None:
    with pytest.raises(Rejected) as caught:
        bind(one("read", type), {"x": value}, {})  # type: ignore[dict-item]
    assert caught.value.code == "sql.value"
    assert caught.value.field == "x"


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("int", "1"),
        ("int", Decimal(1)),
        ("nvarchar(5)", 1),
        ("date", datetime(2026, 1, 1)),  # noqa: DTZ001 - the type knows no zones
        ("decimal(5,2)", 1.5),
        ("int", None),
    ],
)
def test_a_value_of_another_type_is_a_bug(type: str, value: object) -> None:
    with pytest.raises(PluginBug):
        bind(one("read", type), {"x": value}, {})  # type: ignore[dict-item]


@pytest.mark.parametrize("values", [{}, {"x": 1, "y": 2}])
def test_values_must_be_those_declared(values: dict[str, int]) -> None:
    with pytest.raises(PluginBug):
        bind(one("read"), values, {})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**13), max_value=10**13))
def test_money_that_fits_arrives_as_it_was(value: Decimal) -> None:
    assert bind(one("read", "decimal(18,4)"), {"x": value}, {}).values["x"] == value


@given(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=40))
def test_texts_are_quoted_by_the_driver(value: str) -> None:
    """Whatever a value holds, it ends where its literal ends."""
    from pymssql import _mssql

    text, values = call_of(bind(one("write", "nvarchar(max)"), {"x": value}, {}))
    sent = _mssql.substitute_params(text, values).decode("utf-8")
    head, _, literal = sent.partition(", @x = ")
    assert head.startswith("EXEC sys.sp_executesql N'-- kind: write")
    assert head.endswith("N'@x nvarchar(max)'")
    assert literal == "N'" + value.replace("'", "''") + "'"


def test_days_travel_as_texts_every_server_reads_alike() -> None:
    assert call_of(bind(one("read", "date"), {"x": date(2026, 1, 2)}, {}))[1][-1] == "20260102"
    clock = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - the type knows no zones
    moment = call_of(bind(one("read", "datetime"), {"x": clock}, {}))[1][-1]
    assert moment == "2026-01-02T03:04:05.000"


def test_files_are_found_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kopru_statement_files" / "statements"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "items.sql").write_text(READ, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert load("kopru_statement_files", "items").name == "items"
    for name in ("missing", "../items", "Items", ""):
        with pytest.raises(PluginBug):
            load("kopru_statement_files", name)
    with pytest.raises(PluginBug):
        load("no_such_package_here", "items")
