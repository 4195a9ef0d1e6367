"""The table of invoice kinds: GİB's code, where each may travel, and what it demands.

One row per kind. A kind becomes renderable by its row, not by a branch in the code: the row says which checks
and which parts apply. The profiles are a stricter matrix than GİB's rules, which let senseless pairs pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kopru.model import InvoiceKind, Profile

PROFILE_CODES: Mapping[Profile, str] = {
    Profile.BASIC: "TEMELFATURA",
    Profile.COMMERCIAL: "TICARIFATURA",
    Profile.ARCHIVE: "EARSIVFATURA",
    Profile.EXPORT: "IHRACAT",
    Profile.TRAVELLER: "YOLCUBERABERFATURA",
    Profile.PUBLIC: "KAMU",
}

_SENT = frozenset({Profile.BASIC, Profile.COMMERCIAL})
_DOMESTIC = _SENT | {Profile.ARCHIVE}


@dataclass(frozen=True, slots=True)
class KindRules:
    """What is true for one kind of invoice.

    ``rendered``: this version writes it; the other rows serve validation. ``corrects``: it names the invoices
    it corrects. ``withholding``: lines may carry withheld VAT. ``zero_vat_needs_reason``: a VAT group of zero
    names why. ``base_is_net``: the VAT base of a line with VAT only is its net amount. ``vat_may_be_left``:
    the payable amount may leave the VAT out (deferred under VAT law 11/1-c). ``states_rate``: the percentage
    beside the VAT is the legal rate (the return of withheld VAT writes 100).
    """

    code: str
    profiles: frozenset[Profile]
    rendered: bool = False
    corrects: bool = False
    withholding: bool = False
    zero_vat_needs_reason: bool = True
    base_is_net: bool = True
    vat_may_be_left: bool = False
    states_rate: bool = True


KINDS: Mapping[InvoiceKind, KindRules] = {
    InvoiceKind.SALE: KindRules("SATIS", _DOMESTIC | {Profile.PUBLIC}, rendered=True),
    InvoiceKind.RETURN: KindRules(
        "IADE",
        frozenset({Profile.BASIC, Profile.ARCHIVE, Profile.PUBLIC}),
        rendered=True,
        corrects=True,
        zero_vat_needs_reason=False,
        base_is_net=False,
    ),
    InvoiceKind.WITHHOLDING: KindRules("TEVKIFAT", _DOMESTIC | {Profile.PUBLIC}, withholding=True),
    InvoiceKind.WITHHOLDING_RETURN: KindRules(
        "TEVKIFATIADE",
        frozenset({Profile.BASIC, Profile.ARCHIVE}),
        corrects=True,
        base_is_net=False,
        states_rate=False,
    ),
    InvoiceKind.EXEMPTION: KindRules("ISTISNA", _DOMESTIC | {Profile.PUBLIC, Profile.EXPORT}),
    InvoiceKind.SPECIAL_BASE: KindRules(
        "OZELMATRAH", _DOMESTIC | {Profile.PUBLIC}, zero_vat_needs_reason=False, base_is_net=False
    ),
    InvoiceKind.EXPORT_REGISTERED: KindRules(
        "IHRACKAYITLI", _DOMESTIC, zero_vat_needs_reason=False, vat_may_be_left=True
    ),
    InvoiceKind.SOCIAL_SECURITY: KindRules(
        "SGK", frozenset({Profile.BASIC}), withholding=True, zero_vat_needs_reason=False, base_is_net=False
    ),
    InvoiceKind.COMMISSION_AGENT: KindRules("KOMISYONCU", _DOMESTIC, base_is_net=False),
    InvoiceKind.ACCOMMODATION_TAX: KindRules(
        "KONAKLAMAVERGISI", frozenset({Profile.ARCHIVE}), zero_vat_needs_reason=False
    ),
}

RENDERED_PROFILES = _DOMESTIC
"""Profiles the renderer writes; the special ones need data that the remaining kinds bring."""

FORMATS: tuple[tuple[InvoiceKind, Profile], ...] = tuple(
    (kind, profile)
    for kind, rules in KINDS.items()
    if rules.rendered
    for profile in Profile
    if profile in rules.profiles & RENDERED_PROFILES
)
"""The pairs this version renders."""

BY_CODE: Mapping[str, KindRules] = {rules.code: rules for rules in KINDS.values()}

ALLOWED: frozenset[tuple[str, str]] = frozenset(
    (rules.code, PROFILE_CODES[profile]) for rules in KINDS.values() for profile in rules.profiles
)
"""The (InvoiceTypeCode, ProfileID) pairs the engine lets through."""
