"""The catalogue of user texts is complete: each code used has a text, each text is used."""

import re
import string
from pathlib import Path

import pytest

import kopru.documents
import kopru.matching
from kopru.documents.texts import TEXTS, finding, info, warning
from kopru.matching.texts import TEXTS as MATCHING_TEXTS
from kopru.matching.texts_lines import TEXTS as LINE_TEXTS
from kopru.model import Catalogue, Severity


def source(package: object) -> str:
    folder = Path(package.__file__).parent  # type: ignore[attr-defined]
    return "\n".join(
        path.read_text("utf-8") for path in folder.glob("*.py") if not path.name.startswith("texts")
    )


def used_codes(text: str, roots: str) -> tuple[set[str], list[re.Pattern[str]]]:
    plain = set(re.findall(rf'(?<!f)"((?:{roots})\.[a-z0-9_.]+)"', text))
    templates = re.findall(rf'f"((?:{roots})\.[a-z0-9_.{{}}]+)"', text)
    return plain, [
        re.compile(re.sub(r"\{[^}]*\}", "[a-z0-9_]+", each.replace(".", r"\."))) for each in templates
    ]


ALL_MATCHING_TEXTS = Catalogue(
    {
        code: (catalogue[code].tr, catalogue[code].en)
        for catalogue in (MATCHING_TEXTS, LINE_TEXTS)
        for code in catalogue.codes()
    }
)
PACKAGES = [
    (kopru.documents, TEXTS, "tenant|document|decision|numbering|partner|change"),
    (kopru.matching, ALL_MATCHING_TEXTS, "match"),
]
WITHOUT_TEXT = {"decision.rule", "match.resolved", "document.invalid"}


@pytest.mark.parametrize(("package", "catalogue", "roots"), PACKAGES)
def test_every_code_used_has_a_text_and_every_text_is_used(
    package: object, catalogue: Catalogue, roots: str
) -> None:
    plain, templates = used_codes(source(package), roots)
    assert plain - catalogue.codes() <= WITHOUT_TEXT
    unused = {
        code
        for code in catalogue.codes() - plain
        if not any(template.fullmatch(code) for template in templates)
    }
    assert unused == set()


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("catalogue", [TEXTS, MATCHING_TEXTS, LINE_TEXTS])
def test_both_languages_say_the_same(catalogue: Catalogue) -> None:
    for code in catalogue.codes():
        text = catalogue[code]
        assert text.tr, code
        assert text.en, code
        assert places(text.tr) == places(text.en), code


def test_findings_carry_their_weight() -> None:
    assert finding("document.lines.none", "lines").blocks
    assert warning("document.lines.none").severity is Severity.WARNING
    assert info("document.lines.none").severity is Severity.INFO
    with pytest.raises(KeyError):
        finding("document.line.name_missing")
