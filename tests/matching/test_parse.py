"""Sizes, packs and model numbers are read the same however a supplier writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.matching.atoms import tokens
from kopru.matching.normalise import LONGEST, code_chars, fold, text_key
from kopru.matching.parse import Number, parse_item, parse_line
from kopru.toolkit.fold import fold as fold_any


def sizes(text: str) -> list[tuple[str, int]]:
    return sorted((number.kind, number.value) for number in parse_item(text).numbers if number.kind)


def words(text: str) -> list[str]:
    return [word.text for word in parse_item(text).words]


@pytest.mark.parametrize(
    "spelling",
    [
        "ŞEKER",
        "SEKER",
        "Şeker",
        "seker",
        "sekEr",
        "ÞEKER",
        "ÅžEKER",
        "şeker",
        "S\u0327EKER",
        "\u202bŞEKER\u202c",
    ],
)
def test_every_spelling_of_a_word_is_one(spelling: str) -> None:
    assert fold(spelling) == "seker"


@pytest.mark.parametrize("spelling", ["IŞIK", "ışık", "ISIK", "Işık", "isik", "İŞİK"])
def test_both_letters_i_are_one(spelling: str) -> None:
    assert fold(spelling) == "isik"


def test_html_left_overs_are_undone() -> None:
    assert fold("ETİ&#039;NİN") == fold("ETİ#039NİN") == fold("eti'nin")
    assert fold("BEN &amp; JERRY") == "ben & jerry"


@given(st.text(alphabet="abcçdefgğhıijklmnoöprsştuüvyzABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ ", max_size=40))
def test_turkish_text_folds_as_the_toolkit_does(text: str) -> None:
    assert " ".join(fold(text).split()) == fold_any(text)


@pytest.mark.parametrize(
    "group",
    [
        ["Su 1,5 Lt", "Su 1.5L", "SU 1500 ML", "SU 1500ml.", "su 150 cl", "SU1500ML"],
        ["Şeker 1 kg", "SEKER 1000 GR", "Seker 1.000 g", "şeker 1,0 Kilo", "SEKER 1.000 KG"],
        ["Deterjan 3.884 ml", "Deterjan 3884 ML", "Deterjan 3,884 L"],
        ["Krem %5", "Krem 5%", "Krem % 5", "Krem%5"],
        [
            "Ayran 6x200 ml",
            "Ayran 200 ml x 6",
            "Ayran 6'lı 200 ml",
            "AYRAN 200ML*6",
            "ayran 6 lu 200ml",
            "Ayran 6LI 200 ML",
        ],
        ["Tabak 20x30 cm", "Tabak 20 x 30 cm", "Tabak 200x300 mm"],
        ["Tablet 20/10 mg", "Tablet 20 mg/10 mg", "Tablet 20 MG / 10 MG", "Tablet 20+10 mg"],
        ["Tablet 500 mg", "Tablet 0,5 g", "TABLET 500MG"],
    ],
)
def test_one_size_in_many_spellings(group: list[str]) -> None:
    assert {str(sizes(spelling)) for spelling in group} == {str(sizes(group[0]))}
    assert sizes(group[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 kg", "1 g"),
        ("1,5 l", "15 l"),
        ("200 ml", "6x200 ml"),
        ("5 mg", "5 ml"),
        ("1.000 kg", "1 g"),
        ("10 cm", "10 mm"),
    ],
)
def test_different_sizes_stay_different(one: str, other: str) -> None:
    assert sizes(f"Mal {one}") != sizes(f"Mal {other}")


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("Kulaklık ES-45L", ("es45l",)),
        ("Kulaklık ES 45LS", ("45ls",)),
        ("SAMSUNG I8190 GALAXY SIII MINI", ("i8190", "s3")),
        ("SAMSUNG GALAXY S3 MINI", ("s3",)),
        ("Terlik ENT.PST.A4024.500", ("a4024500",)),
        ("Terlik ENT.PST.A4024.50", ("a402450",)),
        ("Peynir 500g", ()),
        ("Bebek bezi 2-5kg", ()),
    ],
)
def test_model_numbers_are_letters_and_digits_mixed(text: str, models: tuple[str, ...]) -> None:
    assert parse_item(text).models == models


def test_a_size_glued_to_the_word_before_it_is_read_when_its_unit_follows() -> None:
    apart, glued = parse_item("Serum PP Torba 500 ml setsiz"), parse_item("Serum PP-TORBA500 ml(setsiz)")
    assert [word.text for word in glued.words] == [word.text for word in apart.words]
    assert (glued.numbers, glued.models) == (apart.numbers, ())
    assert parse_item("Kulaklık ABC500 siyah").models == ("abc500",)


def test_the_order_of_joined_strengths_is_kept() -> None:
    assert parse_item("X 5 MG/10 MG").ratios != parse_item("X 10 MG/5 MG").ratios
    assert parse_item("X 5 MG/5 ML").ratios == ()


def test_a_stray_code_is_no_size() -> None:
    assert [number.kind for number in parse_line("BİSKÜVİ 65GR(47207)").numbers] == ["mass", "long"]


@pytest.mark.parametrize(
    ("text", "unit", "pieces"),
    [
        ("SU 0,5 LT 1*24", "AD", 24),
        ("SU 0,5 LT (24 AD)", "KOLİ", 24),
        ("SU 0,5 LT x24", "KL", 24),
        ("SU 0,5 LT 24 LÜ KOLİ", "AD", 24),
        ("SU 0,5 LT X12", "CS", 12),
        ("SU 6x0,5 LT", "AD", None),
        ("SU 0,5 LT 6'LI", "", None),
    ],
)
def test_a_line_sold_by_the_case_tells_its_pieces(text: str, unit: str, pieces: int | None) -> None:
    case = parse_line(text, unit).case
    assert (case.value if case else None) == pieces


def test_a_single_piece_says_nothing() -> None:
    assert parse_item("MASA 1 ADET").numbers == ()


def test_shortened_words_keep_their_dot() -> None:
    found = parse_line("ÇİK. Z.YAĞI").words
    assert [(word.text, word.dotted) for word in found] == [("cik", True), ("z", True), ("yagi", False)]


def test_a_partner_code_compares_without_separators() -> None:
    assert code_chars("ES-45 L") == code_chars("es45l") == "es45l"


def test_a_texts_key_ignores_case_letters_and_punctuation() -> None:
    assert text_key("ŞEKER, 1 KG.") == text_key("seker 1 kg")


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    parsed = parse_line(text, text[:5])
    assert all(word.text for word in parsed.words)
    assert all(isinstance(number, Number) for number in parse_item(text).numbers)
    assert len(set(tokens(text))) == len(tokens(text))


@pytest.mark.parametrize(
    "text", ["a" * 10_000, "1" * 10_000, "1," * 5_000, "x1 " * 4_000, "😀" * 3_000, "\u202e" * 9_000]
)
def test_long_texts_are_cut_and_not_feared(text: str) -> None:
    assert len(fold(text)) <= LONGEST
    parse_line(text)


@pytest.mark.parametrize("text", ["Çay 1x500 g", "Çay 1 x 500 g", "Çay 1*500 g", "Çay 1x500g"])
def test_one_times_a_size_is_the_size(text: str) -> None:
    assert sizes(text) == sizes("Çay 500 g")
    assert parse_line(text).case is None


def test_one_times_a_fraction_is_no_case() -> None:
    assert parse_line("Su 1x2,5").case is None
    assert [number.raw for number in parse_item("Su 1x2.5").numbers] == ["2.5"]
