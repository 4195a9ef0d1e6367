"""From a line to a verdict: found in any spelling, resolved alone only when nothing speaks against it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kopru.matching.api import CatalogueItem, Gate, Line, Memory, Policy, State, Verdict, Via
from kopru.matching.index import Index, build
from kopru.matching.matcher import Matcher
from kopru.matching.normalise import text_key
from kopru.toolkit.taxnumbers import gtin_check_digit


def gtin(number: int) -> str:
    body = f"86900000{number:04}"
    return body + str(gtin_check_digit(body))


BRANDS = ["Selin", "Karaca", "Doruk", "Yıldız", "Pınarca", "Tadım", "Billur", "Çınar", "Nehir", "Ülkem"]
GOODS = [
    "Ayçiçek Yağı",
    "Bulaşık Deterjanı",
    "Domates Salçası",
    "Fındık Ezmesi",
    "Portakal Suyu",
    "Tuvalet Kağıdı",
]
SIZES = ["250 ml", "500 ml", "1 L", "400 g", "2,5 kg", "6x200 ml", "12'li"]
NAMES = [f"{brand} {good} {size}" for brand in BRANDS for good in GOODS for size in SIZES]
ITEMS = [
    *(
        CatalogueItem(f"id-{number}", f"K{number:03}", name, (gtin(number),))
        for number, name in enumerate(NAMES)
    ),
    CatalogueItem("s3", "TEL-S3", "SAMSUNG I8190 GALAXY S3 MINI"),
    CatalogueItem("s4", "TEL-S4", "SAMSUNG I9190 GALAXY S4 MINI"),
    CatalogueItem("tape-l", "TP-L", "Doruk Etiket Bandı ES-45L"),
    CatalogueItem("tape-ls", "TP-LS", "Doruk Etiket Bandı ES-45LS"),
    CatalogueItem("coffee", "KHV", "Nehir Filtre Kahve"),
]
INDEX = Index.of(build(ITEMS))
MATCHER = Matcher(INDEX)
BY_ID = {item.id: item for item in ITEMS}


def ask(text: str, *, matcher: Matcher = MATCHER, memory: Memory | None = None, **fields: str) -> Verdict:
    return matcher.match([Line("1", text, **fields)], memory=memory or Memory())[0]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SELİN AYÇİÇEK YAĞI 1 LT", "Selin Ayçiçek Yağı 1 L"),
        ("SELIN AYCICEK YAGI 1000ML", "Selin Ayçiçek Yağı 1 L"),
        ("selin ayçiçek yağı 1,0 litre", "Selin Ayçiçek Yağı 1 L"),
        ("DORUK BULAŞIK DETERJANI 500 CC", "Doruk Bulaşık Deterjanı 500 ml"),
        ("DORUK BUL. DET. 500 ML", "Doruk Bulaşık Deterjanı 500 ml"),
        ("YILDIZ DOMATES SLC. 400GR", "Yıldız Domates Salçası 400 g"),
        ("ÝLDIZ DOMATES SALÇASI".replace("ÝL", "YIL") + " 2500 gr", "Yıldız Domates Salçası 2,5 kg"),
        ("TADIM PORTAKALSUYU 6'LI 200 ML", "Tadım Portakal Suyu 6x200 ml"),
        ("TADIM PROTAKAL SUYU 200 ML X 6", "Tadım Portakal Suyu 6x200 ml"),
        ("SAMSUNG I8190 GALAXY SIII MINI", "SAMSUNG I8190 GALAXY S3 MINI"),
    ],
)
def test_the_right_item_comes_first(text: str, name: str) -> None:
    verdict = ask(text)
    assert verdict.best is not None
    assert verdict.best.name == name
    assert verdict.state in {State.RESOLVED, State.SUGGESTED}


def test_a_plain_line_is_resolved_alone_and_says_why() -> None:
    verdict = ask("KARACA FINDIK EZMESİ 400 GR")
    assert verdict.state is State.RESOLVED
    best = verdict.best
    assert best is not None
    assert best.item_code == ITEMS[NAMES.index("Karaca Fındık Ezmesi 400 g")].code
    assert (best.via, best.gates) == (Via.TEXT, frozenset())
    assert set(best.reasons.matched) == {"karaca", "findik", "ezmesi", "400 gr"}
    assert best.reasons.line_only == best.reasons.item_only == ()
    assert "findik" in best.reasons.text.tr
    assert "findik" in best.reasons.text.en
    assert best.version == MATCHER.version == verdict.version


def test_evidence_against_is_told_too() -> None:
    best = ask("KARACA FINDIK EZMESİ KAKAOLU 450 GR").best
    assert best is not None
    assert {"kakaolu", "450 gr"} <= set(best.reasons.line_only)
    assert best.reasons.item_only


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("KARACA FINDIK EZMESİ 450 GR", Gate.SIZE),
        ("SELİN PORTAKAL SUYU 4x200 ML", Gate.PACK),
        ("SAMSUNG I8195 GALAXY S3 MINI", Gate.MODEL),
        ("DORUK ETİKET BANDI ES-45LX", Gate.MODEL),
        ("DORUK ETİKET BANDI", Gate.MODEL),
        ("KARACA TUVALET KAĞIDI", Gate.UNSTATED),
        ("KARACA FINDIK EZMESİ 400", Gate.UNIT),
    ],
)
def test_a_gate_keeps_a_line_from_being_resolved(text: str, gate: Gate) -> None:
    verdict = ask(text)
    assert verdict.state is State.SUGGESTED
    assert verdict.best is not None
    assert gate in verdict.best.gates


def test_a_case_is_the_single_item_in_another_unit() -> None:
    best = ask("SELİN AYÇİÇEK YAĞI 1 LT x12", unit="KOLİ").best
    assert best is not None
    assert best.name == "Selin Ayçiçek Yağı 1 L"
    assert best.case_size == 12
    assert Gate.PACK not in best.gates


@pytest.mark.parametrize("where", ["barcode", "seller_code"])
@pytest.mark.parametrize("write", [str, lambda code: f"0{code}", lambda code: f" {code[:3]} {code[3:]}"])
def test_a_barcode_resolves_when_the_text_agrees(where: str, write: object) -> None:
    assert callable(write)
    verdict = ask(
        "Karaca fındık ezm. 400g", **{where: write(gtin(NAMES.index("Karaca Fındık Ezmesi 400 g")))}
    )
    assert (verdict.state, verdict.best and verdict.best.via) == (State.RESOLVED, Via.BARCODE)


def test_a_barcode_alone_is_enough_for_a_line_without_text() -> None:
    assert ask("", barcode=gtin(5)).state is State.RESOLVED


def test_the_barcode_of_a_case_names_the_item_in_it() -> None:
    body = "1" + gtin(3)[:12]
    verdict = ask("", barcode=body + str(gtin_check_digit(body)))
    assert verdict.best is not None
    assert verdict.best.item_id == "id-3"


def test_a_barcode_whose_item_the_text_contradicts_is_a_conflict() -> None:
    verdict = ask("Karaca Fındık Ezmesi 400 g", barcode=gtin(NAMES.index("Karaca Fındık Ezmesi 2,5 kg")))
    assert verdict.state is State.CONFLICT


def test_a_barcode_of_another_brand_is_a_conflict() -> None:
    verdict = ask("Karaca Fındık Ezmesi 400 g", barcode=gtin(NAMES.index("Selin Fındık Ezmesi 400 g")))
    assert verdict.state is State.CONFLICT
    assert "Karaca" in verdict.reason.tr


def test_a_valid_barcode_nobody_has_keeps_the_text_from_deciding() -> None:
    verdict = ask("Karaca Fındık Ezmesi 400 g", barcode=gtin(9_999))
    assert verdict.state is State.SUGGESTED
    assert verdict.best is not None
    assert Gate.BARCODE in verdict.best.gates


def test_a_barcode_with_a_wrong_check_digit_lets_the_text_decide() -> None:
    right = gtin(NAMES.index("Selin Fındık Ezmesi 400 g"))
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    verdict = ask("Karaca Fındık Ezmesi 400 g", barcode=wrong)
    assert verdict.state is State.RESOLVED
    assert verdict.best is not None
    assert verdict.best.name.startswith("Karaca")


def test_an_in_house_barcode_of_a_stranger_keeps_nothing() -> None:
    body = "270000000001"
    assert (
        ask("Karaca Fındık Ezmesi 400 g", barcode=body + str(gtin_check_digit(body))).state is State.RESOLVED
    )


def test_a_confirmed_rule_wins_and_still_listens_to_the_size() -> None:
    assert ask("ezme tulum tipi", confirmed="id-3").best.via is Via.RULE  # type: ignore[union-attr]
    item = f"id-{NAMES.index('Karaca Fındık Ezmesi 400 g')}"
    assert ask("Karaca Fındık Ezmesi 2,5 KG", confirmed=item).state is State.CONFLICT


def test_keys_that_differ_are_a_conflict() -> None:
    verdict = ask("", own_code="K001", barcode=gtin(2))
    assert verdict.state is State.CONFLICT
    assert {"K001", "K002"} <= set(verdict.reason.tr.replace(",", " ").replace(".", " ").split())


def test_an_unknown_code_of_ours_keeps_the_text_from_deciding() -> None:
    assert ask("Karaca Fındık Ezmesi 400 g", own_code="YOK-1").state is State.SUGGESTED


def test_service_lines_are_not_tried() -> None:
    verdict = MATCHER.match([Line("9", "Nakliye bedeli", tried=False)])[0]
    assert (verdict.line_id, verdict.state, verdict.suggestions) == ("9", State.NOT_TRIED, ())


@pytest.mark.parametrize("text", ["", "   ", "!!!", "\u202e\u200f", "😀😀"])
def test_nothing_to_look_for_is_said_clearly(text: str) -> None:
    verdict = ask(text)
    assert verdict.state is State.UNMATCHED
    assert verdict.reason.tr


def test_a_word_nobody_has_finds_nothing_or_asks() -> None:
    assert ask("QZXWV JJKLM").state in {State.UNMATCHED, State.SUGGESTED}


def test_equal_items_are_rivals() -> None:
    twins = [CatalogueItem("a", "A", "Nehir Çay 500 g"), CatalogueItem("b", "B", "Nehir Çay 500 g")]
    verdict = ask("NEHİR ÇAY 500 GR", matcher=Matcher(Index.of(build([*ITEMS, *twins]))))
    assert verdict.state is State.SUGGESTED
    assert verdict.best is not None
    assert Gate.RIVAL in verdict.best.gates


def test_a_confirmed_text_is_found_as_a_further_name() -> None:
    text = "KRC FZM NO 7 KVNZ"
    assert ask(text).state is not State.RESOLVED
    verdict = ask(text, matcher=Matcher(INDEX.with_alias("coffee", text)))
    assert verdict.state is State.RESOLVED
    assert verdict.best is not None
    assert (verdict.best.item_id, verdict.best.via) == ("coffee", Via.ALIAS)


def test_a_further_name_does_not_hide_the_size_of_the_item() -> None:
    item = f"id-{NAMES.index('Karaca Fındık Ezmesi 400 g')}"
    matcher = Matcher(INDEX.with_alias(item, "KRC FINDIK KREMASI"))
    assert ask("KRC FINDIK KREMASI 900 GR", matcher=matcher).state is not State.RESOLVED


def test_a_rejected_item_is_not_suggested_again() -> None:
    text = "KARACA FINDIK EZMESİ 400 GR"
    first = ask(text).best
    assert first is not None
    memory = Memory(rejected=frozenset({(text_key(text), first.item_id)}))
    again = ask(text.lower().replace("i̇", "i"), memory=memory)
    assert first.item_id not in {each.item_id for each in again.suggestions}
    assert again.state is not State.RESOLVED


def test_a_partners_own_words_are_understood() -> None:
    assert ask("KRC FE 400 GR").state is not State.RESOLVED
    memory = Memory(words={"krc": "karaca", "fe": "fındık ezmesi"})
    verdict = ask("KRC FE 400 GR", memory=memory)
    assert verdict.state is State.RESOLVED
    assert verdict.best is not None
    assert verdict.best.name == "Karaca Fındık Ezmesi 400 g"


def test_a_partner_may_fall_back_to_asking() -> None:
    line = Line("1", "KARACA FINDIK EZMESİ 400 GR")
    assert MATCHER.match([line], policy=Policy(threshold=1.01))[0].state is State.SUGGESTED
    asks = Policy(alone=frozenset({Via.RULE}))
    coded = replace(line, barcode=gtin(NAMES.index("Karaca Fındık Ezmesi 400 g")))
    assert MATCHER.match([coded], policy=asks)[0].state is State.SUGGESTED


def test_scores_are_probabilities_and_fall() -> None:
    for text in ("KARACA FINDIK", "SELİN 1 LT", "DETERJAN", "NEHİR KAHVE"):
        scores = [each.score for each in ask(text).suggestions]
        assert all(0 <= score <= 1 for score in scores)
        assert scores == sorted(scores, reverse=True)


def test_one_matcher_serves_many_threads() -> None:
    matcher = Matcher(Index.of(build(ITEMS)))
    lines = [Line(str(number), name.upper()) for number, name in enumerate(NAMES)]
    alone = Matcher(INDEX).match(lines)
    with ThreadPoolExecutor(4) as pool:
        shared = list(pool.map(lambda line: matcher.match([line])[0], lines))
    assert shared == alone


SPELLED_SIZES = {
    "250 ml": ["250 ml", "0,25 L", "25 CL"],
    "500 ml": ["500ML", "0.5 lt", "500 cc"],
    "1 L": ["1 LT", "1000 ml", "1.000 ML"],
    "400 g": ["400gr", "0,4 KG", "400 G."],
    "2,5 kg": ["2500 gr", "2.5KG", "2,500 kg"],
    "6x200 ml": ["6X200ML", "200 ml x 6", "6'lı 200 ml"],
    "12'li": ["12 li", "12 ADET", "12AD"],
}
NOISE = ["", " KAMPANYA", " 34403", " (47207)", " yeni", " ORJ."]


@settings(max_examples=200)
@given(
    st.sampled_from(BRANDS),
    st.sampled_from(GOODS),
    st.sampled_from(["g", "ml", "cm", "kg", "W", "%"]),
    st.integers(2, 9_999),
    st.sampled_from(["g", "ml", "cm", "kg", "W", "%", ""]),
    st.sampled_from(NOISE),
)
def test_nothing_is_resolved_alone_on_a_size_of_another_or_no_unit(
    brand: str, good: str, unit: str, number: int, stated: str, noise: str
) -> None:
    matcher = Matcher(
        Index.of(build([CatalogueItem("it", "IT", f"{brand} {good} {number} {unit}"), *ITEMS[:3]]))
    )
    verdict = ask(f"{brand} {good} {number} {stated}{noise}".upper(), matcher=matcher)
    assert verdict.state is not State.RESOLVED or unit == stated


@settings(max_examples=300)
@given(
    brand=st.sampled_from(BRANDS),
    good=st.sampled_from(GOODS),
    stated=st.sampled_from(SIZES),
    real=st.sampled_from(SIZES),
    spelling=st.integers(0, 2),
    noise=st.sampled_from(NOISE),
    front=st.booleans(),
    alias=st.booleans(),
    by=st.sampled_from(["text", "barcode", "code", "rule"]),
)
@example("Selin", "Portakal Suyu", "6x200 ml", "250 ml", 1, "", True, True, "rule")
def test_nothing_is_resolved_alone_against_a_stated_size_or_pack(
    brand: str,
    good: str,
    stated: str,
    real: str,
    spelling: int,
    noise: str,
    front: bool,
    alias: bool,
    by: str,
) -> None:
    item = CatalogueItem("it", "IT", f"{brand} {good} {real}", (gtin(7_000),), ("eski ad",) if alias else ())
    matcher = Matcher(Index.of(build([item, *(each for each in ITEMS if each.name != item.name)][:40])))
    size = SPELLED_SIZES[stated][spelling]
    text = (f"{size} {brand} {good}" if front else f"{brand} {good} {size}") + noise
    fields = {"barcode": {"barcode": gtin(7_000)}, "code": {"own_code": "IT"}, "rule": {"confirmed": "it"}}
    verdict = ask(text.upper(), matcher=matcher, **fields.get(by, {}))
    if verdict.state is State.RESOLVED:
        assert verdict.best is not None
        assert verdict.best.item_id != "it" or stated == real


HALF_STATED = [
    ("Granit Termos 250", "Granit Termos 250 ml"),
    ("Granit Termos 250 ml", "Granit Termos 250"),
    ("Döküm Tava 28", "Döküm Tava 28 cm"),
    ("Vanilya 5", "Vanilya 5 g"),
    ("Oksijenli Su 3", "Oksijenli Su %3"),
    ("Su 1.5", "Su 1,5 L"),
]


@pytest.mark.parametrize(("text", "name"), HALF_STATED)
@pytest.mark.parametrize("beside", [0, 2, 40])
def test_a_number_without_unit_is_no_size_that_agrees(text: str, name: str, beside: int) -> None:
    matcher = Matcher(Index.of(build([CatalogueItem("it", "IT", name), *ITEMS[:beside]])))
    verdict = ask(text.upper(), matcher=matcher)
    assert verdict.state is State.SUGGESTED
    assert verdict.best is not None
    assert Gate.UNIT in verdict.best.gates
    assert ask(name.upper(), matcher=matcher).state is State.RESOLVED


def test_a_rare_word_of_another_item_is_not_passed_over() -> None:
    items = [
        CatalogueItem("plain", "P", "Nehir Şalgam Suyu Acılı 1 L"),
        CatalogueItem("gourmet", "G", "Nehir Gurme Acılı Şalgam Pet 1 L"),
    ]
    matcher = Matcher(Index.of(build([*items, *ITEMS[:40]])))
    verdict = ask("NEHIR SALGAM SUYU ACILI 1LT GURME", matcher=matcher)
    assert verdict.state is State.SUGGESTED
    assert {each.item_id for each in verdict.suggestions[:2]} == {"plain", "gourmet"}
    assert ask("NEHIR SALGAM SUYU ACILI 1LT", matcher=matcher).state is State.RESOLVED


def test_another_route_of_injection_is_another_item() -> None:
    items = [CatalogueItem("it", "IT", "Doruk 500 mg IM/IV Enjeksiyon Flakon"), *ITEMS[:40]]
    matcher = Matcher(Index.of(build(items)))
    assert ask("DORUK 500 MG IM ENJEKSIYON FLAKON", matcher=matcher).state is State.SUGGESTED
    assert ask("DORUK 500 MG I.M./I.V. ENJEKSIYON FLAKON", matcher=matcher).state is State.RESOLVED


def test_strengths_with_another_number_of_parts_are_not_the_same() -> None:
    items = [CatalogueItem("it", "IT", "Doruk C 600 mg/600 mg/300 mg Toz 20 Saşe"), *ITEMS[:40]]
    verdict = ask("DORUK C 600 MG/300 MG TOZ 20 SASE", matcher=Matcher(Index.of(build(items))))
    assert verdict.state is State.SUGGESTED


@pytest.mark.parametrize("spelled", ["N7-1000E", "N7-1000 E", "N71000E"])
def test_a_model_number_may_be_spelled_apart_on_either_side(spelled: str) -> None:
    items = [
        CatalogueItem("it", "IT", "Nehir Serum N7-1000 E"),
        CatalogueItem("no", "NO", "Nehir Serum N7-960E"),
    ]
    verdict = ask(f"NEHIR SERUM {spelled}", matcher=Matcher(Index.of(build([*items, *ITEMS[:20]]))))
    gates = {each.item_id: each.gates for each in verdict.suggestions}
    assert Gate.MODEL in gates["no"]
    assert Gate.MODEL not in gates["it"]


@settings(max_examples=150)
@given(
    letters=st.sampled_from(["ES", "HL", "KX"]),
    number=st.integers(10, 9_999),
    other=st.integers(10, 9_999),
    tail=st.sampled_from(["L", "LS", "A650", ""]),
    other_tail=st.sampled_from(["L", "LS", "A650", ""]),
)
def test_nothing_is_resolved_alone_against_a_stated_model(
    letters: str, number: int, other: int, tail: str, other_tail: str
) -> None:
    item = CatalogueItem("it", "IT", f"Doruk Etiket Makinesi {letters}-{number}{tail}", (gtin(7_001),))
    matcher = Matcher(Index.of(build([item, *ITEMS[:30]])))
    for fields in ({}, {"barcode": gtin(7_001)}, {"confirmed": "it"}):
        verdict = ask(f"DORUK ETİKET MAKİNESİ {letters}{other}{other_tail}", matcher=matcher, **fields)
        same = (number, tail) == (other, other_tail)
        assert verdict.state is not State.RESOLVED or same


@settings(max_examples=150)
@given(st.sampled_from(NAMES), st.integers(0, len(NAMES) - 1) | st.integers(8_000, 9_000))
def test_nothing_is_resolved_alone_against_a_stated_barcode(name: str, stated: int) -> None:
    verdict = ask(name, barcode=gtin(stated))
    if verdict.state is State.RESOLVED:
        assert verdict.best is not None
        assert gtin(stated) in BY_ID[verdict.best.item_id].barcodes


@settings(max_examples=200)
@given(st.text(max_size=200), st.text(max_size=20), st.text(max_size=20), st.text(max_size=8))
@example("\u202eSELİN\u202c YAĞI 😀 1 LT", "\x00", "٣", "K\ud800")
@example("%" * 50 + "x*" * 50, "8" * 400, "1" * 5_000, "")
def test_any_line_gets_an_answer(text: str, seller_code: str, barcode: str, unit: str) -> None:
    verdict = ask(text, seller_code=seller_code, barcode=barcode, unit=unit, own_code=seller_code)
    assert verdict.state in set(State)
    assert verdict.reason.tr


def test_ten_thousand_characters_get_an_answer() -> None:
    assert ask("Karaca Fındık Ezmesi 400 g " * 400).state in {
        State.SUGGESTED,
        State.RESOLVED,
        State.UNMATCHED,
    }


@pytest.mark.parametrize("items", [[], ITEMS[:1], ITEMS[:10]])
def test_small_catalogues_are_no_special_case(items: list[CatalogueItem]) -> None:
    verdict = ask("SELİN AYÇİÇEK YAĞI 250 ML", matcher=Matcher(Index.of(build(items))))
    assert verdict.state in {State.UNMATCHED, State.SUGGESTED, State.RESOLVED}
    assert bool(verdict.suggestions) == bool(items)
