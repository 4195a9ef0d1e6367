"""The suite can fail: each planted violation turns its own line of the table red."""

from kopru.testing.chaos.report import Report
from kopru.testing.chaos.verdict import judge


def broken_lines(case):
    return {row.invariant for row in judge(case) if row.violations}


def test_a_run_that_went_well_is_all_green(good_case):
    rows = judge(good_case)
    assert broken_lines(good_case) == set()
    assert {row.invariant for row in rows if not row.looked_at} == {"I10"}


def test_every_planted_violation_is_found_and_named(good_case, plants):
    found = {plant.__name__: broken_lines(plant(good_case)) for plant in plants}
    missed = {name: lines for name, lines in found.items() if plants[_by_name(plants, name)] not in lines}
    assert missed == {}
    assert {line for lines in found.values() for line in lines} >= {f"I{n}" for n in range(1, 16)} - {"I10"}


def test_no_plant_but_a_mix_up_spoils_other_lines(good_case, plants):
    for plant, line in plants.items():
        others = broken_lines(plant(good_case)) - {line}
        # A lost number or order is seen from several sides.
        assert others <= {"I1", "I2", "I3", "I4", "I15"}, plant.__name__


def _by_name(plants, name):
    return next(plant for plant in plants if plant.__name__ == name)


def test_the_report_shows_the_table_the_seed_and_how_to_repeat_it(good_case, plants):
    spoiled = next(plant for plant, line in plants.items() if line == "I3")(good_case)
    for case, holds in ((good_case, True), (spoiled, False)):
        report = Report(
            "kopru chaos run --seed 7", 7, 1.0, 2, judge(case), {"redis.flushall": 2}, {}, {}, {"done": 4}, {}
        )
        assert report.holds is holds
        for text in (report.text(), report.markdown()):
            assert "kopru chaos run --seed 7" in text
            assert "redis.flushall 2" in text
            assert "done 4" in text
            assert ("BROKEN" in text) is not holds
            assert "Nothing is there twice" in text
