"""The tenant file: loads, round-trips, and tells every mistake with its field and fix."""

import tomllib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from kopru.documents import (
    EXAMPLE_TENANT,
    Capabilities,
    TenantSettings,
    check_tenant,
    default_rules,
    dump_tenant,
    load_tenant,
)
from kopru.documents.rules import COMPOSABLE
from kopru.documents.toml_writer import write_toml
from kopru.hooks.errors import Rejected
from kopru.hooks.manifest import Manifest, PluginKind
from kopru.model import Finding, InvoiceKind, Profile, Text

MINIMAL = """
[issuer]
name = "Deneme Ltd."
tax_number = "1234567890"
tax_office = "Kadıköy"
website = "https://deneme.example"
sender_alias = "urn:mail:defaultgb@deneme.example"
[issuer.address]
street = "Sokak 1"
district = "Kadıköy"
city = "İstanbul"
[[series]]
key = "efatura"
prefix = "DNF"
profiles = ["basic"]
[[series]]
key = "earsiv"
prefix = "DNA"
profiles = ["archive"]
"""


def faults(text: str, capabilities: Capabilities | None = None) -> list[Finding]:
    with pytest.raises(Rejected) as raised:
        load_tenant(text, capabilities)
    assert raised.value.code == "tenant.invalid"
    assert all(found.message.tr and found.message.en for found in raised.value.findings)
    return list(raised.value.findings)


def edit(*changes: tuple[str, str]) -> str:
    text = EXAMPLE_TENANT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_the_example_loads_without_a_warning() -> None:
    assert check_tenant(load_tenant(EXAMPLE_TENANT)) == ()


def test_a_short_file_is_enough() -> None:
    tenant = load_tenant(MINIMAL)
    assert tenant.rules == default_rules()
    assert check_tenant(tenant) == ()


@pytest.mark.parametrize("text", [EXAMPLE_TENANT, MINIMAL, "\ufeff" + MINIMAL])
def test_what_is_exported_loads_again(text: str) -> None:
    tenant = load_tenant(text)
    exported = dump_tenant(tenant)
    assert load_tenant(exported) == tenant
    assert dump_tenant(load_tenant(exported)) == exported


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (
            ('tax_number = "1234567890"', 'tax_number = "1234567891"'),
            "tax_number.vkn_check_digit",
            "issuer.tax_number",
        ),
        (
            ('tax_number = "1234567890"', 'tax_number = "12345"'),
            "tenant.issuer.tax_number",
            "issuer.tax_number",
        ),
        (
            ('tax_number = "1234567890"', 'tax_number = "2222222222"'),
            "tenant.issuer.tax_number",
            "issuer.tax_number",
        ),
        (('tax_number = "1234567890"\n', ""), "tenant.field.missing", "issuer.tax_number"),
        (('tax_office = "Kadıköy"\n', ""), "tenant.issuer.tax_office", "issuer.tax_office"),
        (
            ('name = "Örnek Tekstil Sanayi ve Ticaret Limited Şirketi"\n', ""),
            "tenant.issuer.name",
            "issuer.name",
        ),
        (('city = "İstanbul"\n', ""), "tenant.issuer.address", "issuer.address.city"),
        (('profile = "basic"', 'profile = "archive"'), "tenant.field.choice", "issuer.profile"),
        (('prefix = "ORA"', 'prefix = "ORF"'), "tenant.series.collision", "series[1].prefix"),
        (('prefix = "ORA"', 'prefix = "GIB"'), "tenant.series.portal", "series[1].prefix"),
        (('prefix = "ORA"', 'prefix = "ora"'), "tenant.field.shape", "series[1].prefix"),
        (('key = "earsiv"', 'key = "efatura"'), "tenant.series.key_twice", "series"),
        (
            ('profiles = ["archive"]', 'profiles = ["export"]'),
            "tenant.series.missing",
            "rules[4].document.series",
        ),
        (
            (
                '[rules.document]\nprofile = "archive"',
                '[rules.document]\nprofile = "archive"\nseries = "yok"',
            ),
            "tenant.series.unknown",
            "rules[4].document.series",
        ),
        (
            (
                '[rules.document]\nprofile = "archive"',
                '[rules.document]\nprofile = "archive"\nseries = "iade"',
            ),
            "tenant.series.unfit",
            "rules[4].document.series",
        ),
        (
            (
                '[rules.document]\nprofile = "archive"',
                '[rules.document]\nprofile = "archive"\nkind = "withholding"',
            ),
            "tenant.rules.kind",
            "rules[4].document.kind",
        ),
        (
            ('name = "e-arsiv"\n', 'name = "e-arsiv"\nhold = { reason = "x" }\n'),
            "tenant.rules.outcome",
            "rules[4]",
        ),
        (('name = "e-arsiv"', 'name = "e-fatura"'), "tenant.rules.name_twice", "rules"),
        (("min_total = 50000.0", "min_total = 9.0\nmax_total = 5.0"), "tenant.rules.range", "rules[2].when"),
        (("min_total = 50000.0", "mintotal = 9.0"), "tenant.field.unknown", "rules[2].when.mintotal"),
        (('send = "manual"', 'send = "later"'), "tenant.field.choice", "rules[2].document.stages.send"),
        (('draft = "auto"', 'draft = "never"'), "tenant.field.choice", "stages.draft"),
        (("einvoice = true", "einvoice = false\nemails = 1"), "tenant.field.unknown", "issuer.emails"),
        (
            ('person_code = "120.P.{hash}"', 'person_code = "120.P"'),
            "tenant.partners.person_code",
            "partners.person_code",
        ),
        (
            ('company_code = "120.{tax_number}"', 'company_code = "120"'),
            "tenant.partners.company_code",
            "partners.company_code",
        ),
        (
            ('company_code = "120.{tax_number}"', 'company_code = "120.320.{tax_number}"'),
            "tenant.partners.length",
            "partners.company_code",
        ),
        (
            ('retail_code = "120.{channel}"', 'retail_code = "120.{vkn}"'),
            "tenant.template.field",
            "partners.retail_code",
        ),
        (
            ('retail_code = "120.{channel}"', 'retail_code = "120.{channel"'),
            "tenant.template.field",
            "partners.retail_code",
        ),
        (
            ('retail_code = "120.{channel}"', 'retail_code = "120.{channel.__class__}"'),
            "tenant.template.field",
            "partners.retail_code",
        ),
        (
            ('retail_code = "120.{channel}"', 'retail_code = "{channel:>99999999}"'),
            "tenant.template.field",
            "partners.retail_code",
        ),
        (("rounding_limit = 0.05", "rounding_limit = 2"), "tenant.field.invalid", "invoice.rounding_limit"),
        (
            ("rounding_limit = 0.05", 'link = "http://x.example/{ettn}"'),
            "tenant.link.address",
            "invoice.link",
        ),
        (
            ("rounding_limit = 0.05", 'link = "https://x.example/{uuid}"'),
            "tenant.template.field",
            "invoice.link",
        ),
        (('keys = ["link", "sku", "barcode"]', "keys = []"), "tenant.field.invalid", "items.keys"),
        (('keys = ["link", "sku", "barcode"]', 'keys = ["name"]'), "tenant.field.choice", "items.keys[0]"),
        (
            ('tax_number = "1111111114"', 'tax_number = "1111111115"'),
            "tax_number.vkn_check_digit",
            "carriers[0].tax_number",
        ),
        (
            ('tax_number = "1111111114"', 'tax_number = "7"'),
            "tenant.carrier.tax_number",
            "carriers[0].tax_number",
        ),
    ],
)
def test_each_mistake_is_told_with_its_field(change: tuple[str, str], code: str, field: str) -> None:
    assert (code, field) in [(found.code, found.field) for found in faults(edit(change))]


def test_a_collision_names_both_series() -> None:
    (found,) = faults(edit(('prefix = "ORA"', 'prefix = "ORF"')))
    assert "efatura" in found.message.tr
    assert "earsiv" in found.message.tr


def test_an_unknown_field_comes_with_the_nearest_known_ones() -> None:
    (found,) = faults(edit(('tax_office = "Kadıköy"', 'tax_ofice = "Kadıköy"\ntax_office = "Kadıköy"')))
    assert found.message.en.split(": ")[1].startswith("tax_office")


def test_suggestions_reach_into_lists() -> None:
    (found,) = faults(edit(("min_total = 50000.0", "mintotal = 9.0")))
    assert found.message.tr.split(": ")[1].startswith("min_total")


def test_all_mistakes_are_told_at_once() -> None:
    text = edit(
        ('draft = "auto"', 'draft = "x"'),
        ("buffer = 1", "buffer = -1"),
        ('after = "accepted"', 'after = "soon"'),
    )
    assert {found.field for found in faults(text)} == {"stages.draft", "stock.buffer", "ledger.after"}


@pytest.mark.parametrize(
    "text",
    ["", "[", "a = ", "issuer = 1", "x = 1\nx = 2", "a = " + "[" * 5000, "=\x00", MINIMAL + "\n[issuer]\n"],
)
def test_a_broken_file_is_refused_without_a_crash(text: str) -> None:
    assert faults(text)


def test_a_huge_file_is_not_parsed() -> None:
    assert [found.code for found in faults("#" * 1_000_001)] == ["tenant.file.too_large"]


def test_a_company_without_e_fatura_needs_no_series_for_it() -> None:
    plain = MINIMAL.replace('[[series]]\nkey = "efatura"\nprefix = "DNF"\nprofiles = ["basic"]\n', "")
    assert [found.code for found in faults(plain)] == ["tenant.series.missing"]
    assert load_tenant(plain.replace("[issuer]", "[issuer]\neinvoice = false", 1)).issuer.einvoice is False


def test_a_rule_that_wants_an_impossible_e_fatura_is_refused() -> None:
    rule = '[[rules]]\nname = "all"\n[rules.document]\nprofile = "basic"\n'
    text = MINIMAL.replace("[issuer]", "[issuer]\neinvoice = false", 1) + rule
    assert [found.code for found in faults(text)] == ["tenant.rules.no_einvoice"]


def test_rows_behind_a_catch_all_are_warned_about() -> None:
    rule = '[[rules]]\nname = "all"\nhold = { reason = "dur" }\n[[rules]]\nname = "never"\nexclude = { reason = "x" }\n'
    (found,) = check_tenant(load_tenant(MINIMAL + rule))
    assert (found.code, found.field, found.blocks) == ("tenant.rules.unreachable", "rules[1]", False)


def manifest(name: str, kind: PluginKind, **facts: Any) -> Manifest:
    return Manifest(
        name=name, kind=kind, title=Text(tr=name, en=name), version="1", config=BaseModel, **facts
    )


FORMAT = manifest(
    "ubl",
    PluginKind.EINVOICE_FORMAT,
    formats=(
        (InvoiceKind.SALE, Profile.ARCHIVE),
        (InvoiceKind.SALE, Profile.BASIC),
        (InvoiceKind.RETURN, Profile.BASIC),
    ),
)
CHANNEL = manifest("channel", PluginKind.EINVOICE_CHANNEL, profiles=(Profile.ARCHIVE, Profile.BASIC))
LEDGER = manifest("ledger", PluginKind.ACCOUNTING, documents=(InvoiceKind.SALE,))


def test_what_the_plugins_can_do_may_be_chosen() -> None:
    capabilities = Capabilities.of([FORMAT, CHANNEL, LEDGER, manifest("shop", PluginKind.SHOP)])
    assert capabilities.choices() == ((InvoiceKind.SALE, Profile.BASIC), (InvoiceKind.SALE, Profile.ARCHIVE))
    assert load_tenant(EXAMPLE_TENANT, capabilities)
    assert {kind for kind, _ in Capabilities().choices()} == COMPOSABLE


@pytest.mark.parametrize(
    ("plugins", "code"),
    [
        ([manifest("f", PluginKind.EINVOICE_FORMAT, formats=((InvoiceKind.SALE, Profile.BASIC),))], "format"),
        ([manifest("c", PluginKind.EINVOICE_CHANNEL, profiles=(Profile.BASIC,))], "channel"),
        ([manifest("l", PluginKind.ACCOUNTING, documents=(InvoiceKind.RETURN,))], "ledger"),
    ],
)
def test_what_no_plugin_can_do_is_refused_at_load(plugins: list[Manifest], code: str) -> None:
    found = faults(EXAMPLE_TENANT, Capabilities.of(plugins))
    assert {each.code for each in found} == {f"tenant.rules.unsupported_{code}"}
    assert "e-arsiv" in found[-1].message.tr


def test_plugins_that_are_not_there_yet_forbid_nothing() -> None:
    assert (
        Capabilities.of([manifest("bank", PluginKind.ACCOUNTING)]).lacking(InvoiceKind.SALE, Profile.EXPORT)
        == ()
    )


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
scalars = texts | st.integers(-(2**40), 2**40) | st.booleans() | st.decimals(-1000, 1000, places=4)
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=8)
values = st.recursive(
    scalars | st.lists(scalars, max_size=3),
    lambda inner: (
        st.dictionaries(names, inner, max_size=3)
        | st.lists(st.dictionaries(names, inner, max_size=3), min_size=1, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(names, values, max_size=4))
def test_the_writer_writes_what_toml_reads(data: dict[str, Any]) -> None:
    assert tomllib.loads(write_toml(data), parse_float=Decimal) == data


def test_the_writer_refuses_what_it_cannot_write() -> None:
    with pytest.raises(TypeError, match="object"):
        write_toml({"a": object()})


words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
moneys = st.decimals(0, 1, places=2)


@given(
    note=words,
    limit=moneys,
    rate=st.integers(0, 100),
    buffer=st.integers(0, 9),
    channel=words,
    status=st.booleans(),
)
def test_any_settings_round_trip(
    note: str, limit: Decimal, rate: int, buffer: int, channel: str, status: bool
) -> None:
    data = load_tenant(EXAMPLE_TENANT).model_dump()
    data["invoice"] |= {"notes": [note], "rounding_limit": limit, "payment_days": buffer}
    data["services"]["fee"] = {"code": note, "vat_rate": rate}
    data["stock"] |= {"buffer": buffer, "channels": {channel: {"buffer": 0, "warehouses": [note]}}}
    data["channels"][channel] = {"internet_sale": status}
    data["rules"][2]["when"] |= {"registered": status, "channels": [channel]}
    tenant = TenantSettings.model_validate(data)
    assert load_tenant(dump_tenant(tenant)) == tenant


def test_settings_answer_for_a_channel(tenant: TenantSettings, make_line: Callable[..., Any]) -> None:
    assert tenant.channel("trendyol").payment_agent
    assert tenant.channel("unknown").internet_sale
    assert tenant.stock.for_channel("unknown").buffer == 1


SERIES_BY_CHANNEL = MINIMAL.replace(
    'profiles = ["archive"]', 'profiles = ["archive"]\nchannels = ["trendyol"]'
)


def test_series_may_be_split_by_channel() -> None:
    assert load_tenant(SERIES_BY_CHANNEL).series[1].channels == ("trendyol",)
    rule = '[[rules]]\nname = "all"\n[rules.when]\nchannels = ["trendyol", "{}"]\n[rules.document]\nprofile = "archive"\n'
    assert load_tenant(SERIES_BY_CHANNEL + rule.format("trendyol"))
    assert [found.code for found in faults(SERIES_BY_CHANNEL + rule.format("n11"))] == [
        "tenant.series.missing"
    ]


def test_a_sole_trader_gives_first_and_last_name() -> None:
    trader = MINIMAL.replace('tax_number = "1234567890"', 'tax_number = "10000000146"')
    assert [(found.code, found.field) for found in faults(trader)] == [
        ("tenant.issuer.person_name", "issuer.first_name")
    ]
    named = load_tenant(trader.replace("[issuer]", '[issuer]\nfirst_name = "Ali"\nlast_name = "Deneme"', 1))
    assert named.issuer.party().tax_id is not None
