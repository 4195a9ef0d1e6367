"""The folder as a stream: pages, files dropped again, renamed and corrected, and the connection check."""

from datetime import UTC, datetime, timedelta

import pytest

from kopru.sdk import ConfigError, CursorExpired, RefKind, Unsupported, Window
from kopru_orderfile import folder, plugin

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW)


def read_all(ctx, limit=2):
    """Read every page; a cursor must not come twice."""
    records, cursor, seen = [], None, set()
    while True:
        page = plugin.fetch_orders(ctx, cursor, WINDOW, limit)
        assert len(page.records) <= limit
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            return records
        assert cursor not in seen
        seen.add(cursor)


def read_refs(ctx, limit=2):
    refs, cursor = [], None
    while True:
        page = plugin.fetch_refs(ctx, RefKind.ORDER, cursor, WINDOW, limit)
        refs += page.values
        cursor = page.next_cursor
        if cursor is None:
            assert page.total == len(refs)
            return refs


def state(records):
    return {record.external_id: record.value and record.value.revision for record in records}


@pytest.fixture
def drop(tmp_path, csv_of):
    def write(name, *rows):
        (tmp_path / name).write_bytes(csv_of(rows))

    return write


class TestPages:
    def test_every_order_comes_once_in_the_files_order(self, ctx_of, drop, row):
        drop("b.csv", *(row(Sipariş_No=f"B-{n}") for n in range(5)))
        drop("a.csv", *(row(Sipariş_No=f"A-{n}") for n in range(4)))
        found = [record.external_id for record in read_all(ctx_of(), limit=3)]
        assert found == [f"A-{n}" for n in range(4)] + [f"B-{n}" for n in range(5)]

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
    def test_the_page_size_changes_nothing(self, ctx_of, drop, row, limit):
        drop("a.csv", *(row(Sipariş_No=f"A-{n}") for n in range(7)))
        assert len(read_all(ctx_of(), limit)) == 7

    def test_rows_added_while_reading_lose_nobody(self, ctx_of, drop, row):
        rows = [row(Sipariş_No=f"A-{n}") for n in range(4)]
        drop("a.csv", *rows)
        first = plugin.fetch_orders(ctx_of(), None, WINDOW, 2)
        drop("a.csv", row(Sipariş_No="A-new"), *rows, row(Sipariş_No="A-last"))
        drop("z.csv", row(Sipariş_No="Z-1"))
        second = plugin.fetch_orders(ctx_of(), first.next_cursor, WINDOW, 10)
        assert [record.external_id for record in second.records] == ["A-2", "A-3", "A-last", "Z-1"]

    @pytest.mark.parametrize("cursor", ["", "x", "!!", "eyJhIjoxfQ"])
    def test_a_foreign_cursor_is_refused(self, ctx_of, drop, row, cursor):
        drop("a.csv", row())
        with pytest.raises(CursorExpired):
            plugin.fetch_orders(ctx_of(), cursor, WINDOW, 2)

    def test_a_file_taken_away_while_reading_starts_the_run_again(self, ctx_of, drop, row, tmp_path):
        drop("a.csv", *(row(Sipariş_No=f"A-{n}") for n in range(4)))
        cursor = plugin.fetch_orders(ctx_of(), None, WINDOW, 2).next_cursor
        (tmp_path / "a.csv").rename(tmp_path / "b.csv")
        with pytest.raises(CursorExpired):
            plugin.fetch_orders(ctx_of(), cursor, WINDOW, 2)
        drop("a.csv", row(Sipariş_No="other"))
        with pytest.raises(CursorExpired):
            plugin.fetch_orders(ctx_of(), cursor, WINDOW, 2)

    def test_an_empty_folder_is_an_empty_page(self, ctx_of):
        assert plugin.fetch_orders(ctx_of(), None, WINDOW, 2).records == ()

    def test_a_missing_folder_is_a_matter_of_settings(self, ctx_of, tmp_path):
        with pytest.raises(ConfigError):
            plugin.fetch_orders(ctx_of(folder=str(tmp_path / "yok")), None, WINDOW, 2)


class TestDroppingAgain:
    def test_the_same_file_again_changes_nothing(self, ctx_of, drop, row):
        drop("a.csv", row(), row(Sipariş_No="S-2"))
        before = state(read_all(ctx_of()))
        drop("a.csv", row(), row(Sipariş_No="S-2"))
        assert state(read_all(ctx_of())) == before

    def test_a_renamed_file_changes_nothing(self, ctx_of, drop, row, tmp_path):
        drop("a.csv", row())
        (before,) = read_all(ctx_of())
        (tmp_path / "a.csv").rename(tmp_path / "kopya.csv")
        (after,) = read_all(ctx_of())
        assert (after.external_id, after.value, after.raw) == (before.external_id, before.value, before.raw)

    def test_a_copy_of_a_file_changes_nothing(self, ctx_of, drop, row):
        drop("a.csv", row())
        before = state(read_all(ctx_of()))
        drop("a (1).csv", row())
        assert state(read_all(ctx_of())) == before

    def test_the_same_orders_in_another_format_change_nothing(
        self, ctx_of, drop, row, tmp_path, xlsx_of, rows_of, csv_of
    ):
        drop("a.csv", row())
        before = state(read_all(ctx_of()))
        (tmp_path / "a.csv").write_bytes(csv_of([row()], ",", "windows-1254"))
        assert state(read_all(ctx_of())) == before
        (tmp_path / "a.csv").unlink()
        (tmp_path / "a.xlsx").write_bytes(xlsx_of(rows_of([row()])))
        assert state(read_all(ctx_of())) == before

    def test_of_an_order_in_several_files_the_last_file_counts(self, ctx_of, drop, row):
        drop("s-9.csv", row(Durum="Yeni"), row(Sipariş_No="S-2"))
        drop("s-10.csv", row(Durum="Kargoda"))
        records = read_all(ctx_of())
        assert [record.external_id for record in records] == ["S-2", "S-1"]
        assert records[1].value.status == "shipped"

    def test_a_corrected_file_frees_the_order_it_held(self, ctx_of, drop, row):
        drop("a.csv", row(Adet="çok"), row(Sipariş_No="S-2"))
        held = {record.external_id: record.value is None for record in read_all(ctx_of())}
        assert held == {"S-1": True, "S-2": False}
        drop("a.csv", row(Adet="3"), row(Sipariş_No="S-2"))
        assert all(record.value for record in read_all(ctx_of()))

    def test_a_stray_row_is_known_by_file_and_row(self, ctx_of, drop, row):
        drop("a.csv", row(), row(Sipariş_No=""))
        strays = [record for record in read_all(ctx_of()) if record.value is None]
        assert [record.external_id for record in strays] == ["a.csv#row 3"]
        assert strays[0].findings[0].message.tr.startswith("a.csv, 3. satır")

    def test_each_record_keeps_the_rows_it_came_from(self, ctx_of, drop, row, parse):
        drop("a.csv", row(), row(Sipariş_No="S-2", Adet="çok"))
        for record in read_all(ctx_of()):
            (again,) = parse(record.raw.content).values()
            assert (again.external_id, again.value) == (record.external_id, record.value)
            codes = [finding.code for finding in record.findings]
            assert [finding.code for finding in again.findings] == codes


class TestFiles:
    def test_a_file_that_cannot_be_read_is_a_record_of_its_own(self, ctx_of, drop, row, tmp_path):
        drop("b.csv", row())
        (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\x00" * 600)
        bad, good = read_all(ctx_of())
        assert (bad.external_id, bad.value) == ("a.xls", None)
        assert bad.findings[0].code == "orderfile.file.old_excel"
        assert bad.raw.content.startswith(b"\xd0\xcf")
        assert good.value

    def test_a_file_above_the_limit_is_a_record_of_its_own(self, ctx_of, drop, row, tmp_path):
        drop("b.csv", row())
        with (tmp_path / "a.csv").open("wb") as file:
            file.truncate(20_000_001)
        bad, good = read_all(ctx_of())
        assert bad.findings[0].code == "files.too_large"
        assert good.value

    def test_only_order_files_are_looked_at(self, ctx_of, drop, row, tmp_path):
        drop("siparis.csv", row())
        for name in ("not.docx", "resim.png", "~$siparis.xlsx", ".gizli.csv", "oku.md"):
            (tmp_path / name).write_bytes(b"x")
        (tmp_path / "arsiv").mkdir()
        drop("arsiv/eski.csv", row(Sipariş_No="eski"))
        assert [record.external_id for record in read_all(ctx_of())] == ["S-1"]

    def test_a_pattern_chooses_among_them(self, ctx_of, drop, row):
        drop("trendyol-1.csv", row())
        drop("diger.csv", row(Sipariş_No="S-2"))
        assert [record.external_id for record in read_all(ctx_of(pattern="trendyol-*.csv"))] == ["S-1"]

    def test_a_folder_with_too_many_files_is_a_matter_of_settings(self, ctx_of, drop, row, monkeypatch):
        monkeypatch.setattr(folder, "MAX_FILES", 1)
        drop("a.csv", row())
        drop("b.csv", row())
        with pytest.raises(ConfigError, match="too_much"):
            plugin.fetch_orders(ctx_of(), None, WINDOW, 2)


class TestRefs:
    def test_the_second_count_finds_what_the_stream_gives(self, ctx_of, drop, row):
        strays = row(Sipariş_No=""), row(Sipariş_No="")
        drop("a.csv", row(), row(Stok_Kodu="STK-2"), row(Sipariş_No="S-2", Adet="çok"), *strays)
        drop("b.csv", row(Sipariş_No="S-3", Sipariş_Toplamı="120,00"), row(Sipariş_No="S-2"))
        ctx = ctx_of()
        refs = read_refs(ctx)
        assert {ref.external_id for ref in refs} == {record.external_id for record in read_all(ctx)}
        assert {ref.external_id: ref.total for ref in refs}["S-3"] == 120

    def test_it_counts_orders_of_a_file_whose_headings_are_incomplete(self, ctx_of, tmp_path):
        (tmp_path / "a.csv").write_text("Sipariş No;Ürün Adı;Adet\n1;Kupa;2\n2;Kupa;1\n")
        assert [ref.external_id for ref in read_refs(ctx_of())] == ["1", "2"]

    def test_it_counts_by_package_where_the_stream_does(self, ctx_of, drop, row):
        drop("a.csv", row(Paket_No="P-1"), row(Paket_No="P-2"), row(Paket_No=""))
        ctx = ctx_of(group_by="package")
        assert {ref.external_id for ref in read_refs(ctx)} == {record.external_id for record in read_all(ctx)}

    def test_other_kinds_are_not_held(self, ctx_of):
        with pytest.raises(Unsupported):
            plugin.fetch_refs(ctx_of(), RefKind.LEDGER_DOCUMENT, None, WINDOW, 2)

    def test_a_foreign_cursor_is_refused(self, ctx_of, drop, row):
        drop("a.csv", row())
        with pytest.raises(CursorExpired):
            plugin.fetch_refs(ctx_of(), RefKind.ORDER, "eyJhZnRlciI6Inlva2EifQ", WINDOW, 2)


class TestCheck:
    def texts(self, result):
        return [(item.ok, item.message.tr) for item in result.items]

    def test_a_good_folder_tells_what_would_be_imported(self, ctx_of, drop, row):
        drop("a.csv", row(), row(Stok_Kodu="STK-2"), row(Sipariş_No="S-2", Etiket="x"))
        result = plugin.check_connection(ctx_of())
        assert result.ok
        table = result.items[-1].message
        assert "a.csv: 2 sipariş, 3 satır" in table.tr
        assert "Sipariş No → number" in table.tr
        assert "Kullanılmayan başlıklar: Etiket" in table.tr
        assert "2 orders with 3 lines" in table.en

    def test_a_missing_folder_is_told_with_the_fix(self, ctx_of, tmp_path):
        result = plugin.check_connection(ctx_of(folder=str(tmp_path / "yok")))
        assert not result.ok
        assert result.items[0].fix is not None

    def test_an_empty_folder_is_told_with_the_fix(self, ctx_of):
        result = plugin.check_connection(ctx_of())
        assert not result.ok
        assert "CSV" in result.items[-1].fix.tr

    def test_missing_columns_are_named(self, ctx_of, tmp_path):
        (tmp_path / "a.csv").write_text("Sipariş No;Ürün Adı;Adet\n1;Kupa;2\n")
        result = plugin.check_connection(ctx_of())
        bad = [item for item in result.items if not item.ok]
        assert len(bad) == 3
        assert "Sipariş Tarihi" in bad[0].message.tr and "placed_at" in bad[0].message.tr
        assert all(item.fix for item in bad)

    def test_held_orders_are_counted_and_the_first_is_explained(self, ctx_of, drop, row):
        drop("a.csv", row(), row(Sipariş_No="S-2", Adet="çok"), row(Sipariş_No="S-3", Adet="az"))
        result = plugin.check_connection(ctx_of())
        assert not result.ok
        assert "2 kayıt bekletilecek" in result.items[-1].message.tr
        assert "3. satır" in result.items[-1].message.tr

    def test_a_bad_file_is_named_beside_the_good_one(self, ctx_of, drop, row, tmp_path):
        drop("b.csv", row())
        (tmp_path / "a.csv").write_bytes(b"%PDF")
        result = plugin.check_connection(ctx_of())
        assert [item.ok for item in result.items] == [True, True, False, True]
        assert result.items[2].message.tr.startswith("a.csv")

    def test_of_many_files_the_last_are_opened(self, ctx_of, drop, row):
        for number in range(12):
            drop(f"s-{number}.csv", row(Sipariş_No=f"S-{number}"))
        result = plugin.check_connection(ctx_of())
        assert result.ok
        assert sum("sipariş," in item.message.tr for item in result.items) == 10
        assert "2 dosya daha" in result.items[-1].message.tr
