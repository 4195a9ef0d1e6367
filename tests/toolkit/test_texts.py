"""The catalogue holds what the code raises, in both languages alike."""

import re
from pathlib import Path

import pytest

import kopru.toolkit
from kopru.toolkit.texts import TEXTS

SOURCES = [path for path in Path(kopru.toolkit.__file__).parent.glob("*.py") if path.name != "texts.py"]


@pytest.mark.parametrize("code", sorted(TEXTS.codes()))
def test_both_languages_have_the_same_places(code: str) -> None:
    text = TEXTS[code]
    assert sorted(re.findall(r"{\w+}", text.tr)) == sorted(re.findall(r"{\w+}", text.en))
    assert text.tr.strip() and text.en.strip()
    assert text.tr != text.en


def test_every_text_is_used_and_every_use_has_a_text() -> None:
    code = "\n".join(path.read_text() for path in SOURCES)
    used = set(re.findall(r'TEXTS(?:\[|\.text\(\s*)"([\w.]+)"', code))
    assert used <= TEXTS.codes()
    literal = set(re.findall(r'"([\w.]+)"', code))
    built = {f"record.field.{word}" for word in ("missing", "unknown", "type", "value", "length", "range")}
    assert TEXTS.codes() <= literal | built


def test_the_package_lists_its_modules() -> None:
    listed = set(re.findall(r"^``(\w+)``", kopru.toolkit.__doc__ or "", re.MULTILINE))
    assert listed == {path.stem for path in SOURCES} - {"__init__"}
