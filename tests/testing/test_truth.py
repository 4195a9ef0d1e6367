"""The ground-truth log, in memory and in a file."""

from pathlib import Path

from kopru.testing.truth import Truth, read_facts


def test_facts_are_kept_in_order(tmp_path: Path) -> None:
    truth = Truth(tmp_path / "truth.jsonl")
    truth.note("invoice.posted", id="1", total="10.00")
    truth.note("order.committed", id="2")
    truth.note("invoice.posted", id="3", total="20.00")
    assert [fact.data["id"] for fact in truth.of("invoice.posted")] == ["1", "3"]
    assert [fact.kind for fact in truth] == ["invoice.posted", "order.committed", "invoice.posted"]
    assert len(truth) == 3
    truth.close()


def test_a_file_can_be_read_while_it_grows(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    truth = Truth(file)
    truth.note("invoice.posted", id="1")
    (fact,) = read_facts(file)
    assert (fact.kind, fact.data) == ("invoice.posted", {"id": "1"})
    truth.note("invoice.posted", id="2")
    assert [fact.data["id"] for fact in read_facts(file)] == ["1", "2"]
    truth.close()


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    truth = Truth(file)
    truth.note("invoice.posted", id="1")
    truth.close()
    with file.open("a") as end:
        end.write('{"at": 1.0, "kind": "invoi')
    assert [fact.data["id"] for fact in read_facts(file)] == ["1"]


def test_facts_after_closing_stay_in_memory(tmp_path: Path) -> None:
    truth = Truth(tmp_path / "truth.jsonl")
    truth.close()
    truth.close()
    truth.note("late", id="1")
    assert len(truth) == 1
    assert list(read_facts(tmp_path / "truth.jsonl")) == []
