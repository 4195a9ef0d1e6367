"""What is wrong with a company's settings beyond single fields: collisions, gaps, impossible choices."""

import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Self

from kopru.documents.numbering import PORTAL_PREFIX, can_collide
from kopru.documents.rules import COMPOSABLE, MakeDocument, Rule
from kopru.documents.settings import TenantSettings
from kopru.documents.texts import finding, warning
from kopru.hooks.manifest import Manifest, PluginKind
from kopru.model import Finding, InvoiceKind, PartyKind, Profile, TaxScheme
from kopru.toolkit import taxnumbers

LINK_FIELDS = frozenset({"ettn", "number", "order"})
PARTNER_FIELDS = frozenset({"channel", "hash", "tax_number"})
SHORTEST_HASH = 6
LONGEST_TAX_NUMBER = 11


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a tenant's plugins can do together. ``None`` means that no such plugin is set up yet."""

    formats: frozenset[tuple[InvoiceKind, Profile]] | None = None
    profiles: frozenset[Profile] | None = None
    documents: frozenset[InvoiceKind] | None = None

    @classmethod
    def of(cls, manifests: Iterable[Manifest]) -> Self:
        """Collect the capabilities stated by the plugins a tenant uses."""
        known = list(manifests)
        formats = [each for each in known if each.kind is PluginKind.EINVOICE_FORMAT]
        channels = [each for each in known if each.kind is PluginKind.EINVOICE_CHANNEL]
        ledgers = [each for each in known if each.kind is PluginKind.ACCOUNTING and each.documents]
        return cls(
            formats=frozenset(pair for each in formats for pair in each.formats) if formats else None,
            profiles=frozenset(profile for each in channels for profile in each.profiles)
            if channels
            else None,
            documents=frozenset(kind for each in ledgers for kind in each.documents) if ledgers else None,
        )

    def lacking(self, kind: InvoiceKind, profile: Profile) -> tuple[str, ...]:
        """Return which parties cannot handle a document: ``format``, ``channel``, ``ledger``."""
        missing = []
        if self.formats is not None and (kind, profile) not in self.formats:
            missing.append("format")
        if self.profiles is not None and profile not in self.profiles:
            missing.append("channel")
        if self.documents is not None and kind not in self.documents:
            missing.append("ledger")
        return tuple(missing)

    def choices(self) -> tuple[tuple[InvoiceKind, Profile], ...]:
        """Return the documents a rule may name, for forms and help texts."""
        return tuple(
            (kind, profile)
            for kind in InvoiceKind
            if kind in COMPOSABLE
            for profile in Profile
            if not self.lacking(kind, profile)
        )


def check_tenant(settings: TenantSettings, capabilities: Capabilities | None = None) -> tuple[Finding, ...]:
    """Return everything wrong or doubtful with the settings as a whole, errors and warnings."""
    return (
        *_issuer(settings),
        *_series(settings),
        *_rules(settings),
        *_capabilities(settings, capabilities or Capabilities()),
        *_templates(settings),
        *_carriers(settings),
    )


def _issuer(settings: TenantSettings) -> Iterator[Finding]:
    issuer = settings.issuer
    tax_id = taxnumbers.tax_id(issuer.tax_number)
    if tax_id is None or tax_id.scheme is TaxScheme.FOREIGN or taxnumbers.is_placeholder(tax_id.value):
        yield finding("tenant.issuer.tax_number", "issuer.tax_number", value=issuer.tax_number)
    elif wrong := taxnumbers.finding(tax_id, field="issuer.tax_number"):
        yield wrong
    if issuer.kind is PartyKind.COMPANY and not issuer.name:
        yield finding("tenant.issuer.name", "issuer.name")
    natural = issuer.kind is PartyKind.PERSON or (tax_id is not None and tax_id.scheme is TaxScheme.TCKN)
    if natural and not (issuer.first_name and issuer.last_name):
        yield finding("tenant.issuer.person_name", "issuer.first_name")
    if not issuer.tax_office:
        yield finding("tenant.issuer.tax_office", "issuer.tax_office")
    for name in ("street", "district", "city"):
        if not getattr(issuer.address, name):
            yield finding("tenant.issuer.address", f"issuer.address.{name}", name=name)
    if issuer.einvoice and not issuer.sender_alias:
        yield warning(
            "tenant.issuer.alias",
            "issuer.sender_alias",
        )
    if not issuer.website:
        yield warning(
            "tenant.issuer.website",
            "issuer.website",
        )


def _series(settings: TenantSettings) -> Iterator[Finding]:
    for index, series in enumerate(settings.series):
        if series.prefix == PORTAL_PREFIX:
            yield finding("tenant.series.portal", f"series[{index}].prefix", key=series.key)
    for (_, one), (second, other) in combinations(enumerate(settings.series), 2):
        if can_collide(one.pattern, other.pattern):
            yield finding(
                "tenant.series.collision",
                f"series[{second}].prefix",
                one=one.key,
                other=other.key,
                prefix=other.prefix,
            )


def _rules(settings: TenantSettings) -> Iterator[Finding]:
    for index, rule in enumerate(settings.rules):
        if rule.document is not None and _reachable(settings, rule):
            yield from _rule_document(settings, rule, rule.document, f"rules[{index}].document")
    catch_all = next((index for index, rule in enumerate(settings.rules) if rule.when.empty), None)
    for index in range(len(settings.rules) if catch_all is None else catch_all + 1, len(settings.rules)):
        yield warning(
            "tenant.rules.unreachable",
            f"rules[{index}]",
            name=settings.rules[index].name,
            before=settings.rules[catch_all or 0].name,
        )


def _reachable(settings: TenantSettings, rule: Rule) -> bool:
    return settings.issuer.einvoice or rule.when.registered is not True


def _rule_document(
    settings: TenantSettings, rule: Rule, document: MakeDocument, field: str
) -> Iterator[Finding]:
    profile = document.profile.profile(settings.issuer.profile)
    channels = rule.when.channels or _any_channel(settings)
    if document.kind not in COMPOSABLE:
        yield finding("tenant.rules.kind", f"{field}.kind", name=rule.name, kind=document.kind.value)
    if not settings.issuer.einvoice and not profile.is_archive:
        yield finding("tenant.rules.no_einvoice", f"{field}.profile", name=rule.name)
    if document.series is None:
        covered = [settings.series_for(document.kind, profile, channel) is not None for channel in channels]
        if not (all(covered) if rule.when.channels else any(covered)):
            yield finding(
                "tenant.series.missing",
                f"{field}.series",
                name=rule.name,
                kind=document.kind.value,
                profile=profile.value,
            )
        return
    series = settings.series_by_key(document.series)
    if series is None:
        known = ", ".join(each.key for each in settings.series)
        yield finding(
            "tenant.series.unknown", f"{field}.series", name=rule.name, key=document.series, known=known
        )
    elif not any(series.fits(document.kind, profile, channel) for channel in channels):
        yield finding("tenant.series.unfit", f"{field}.series", name=rule.name, key=series.key)


def _any_channel(settings: TenantSettings) -> tuple[str, ...]:
    """Return the channels a row without such a condition may meet: those the series name, and any other."""
    return ("", *(channel for series in settings.series for channel in series.channels))


def _capabilities(settings: TenantSettings, capabilities: Capabilities) -> Iterator[Finding]:
    for index, rule in enumerate(settings.rules):
        if rule.document is None or not _reachable(settings, rule):
            continue
        kind = rule.document.kind
        profile = rule.document.profile.profile(settings.issuer.profile)
        for party in capabilities.lacking(kind, profile):
            yield finding(
                f"tenant.rules.unsupported_{party}",
                f"rules[{index}].document",
                name=rule.name,
                kind=kind.value,
                profile=profile.value,
            )


def _templates(settings: TenantSettings) -> Iterator[Finding]:
    yield from _template("invoice.link", settings.invoice.link, LINK_FIELDS)
    if settings.invoice.link and not re.match(r"https://[^\s{}]+", settings.invoice.link):
        yield finding("tenant.link.address", "invoice.link")
    partners = settings.partners
    yield from _template("partners.retail_name", partners.retail_name, frozenset({"channel"}))
    for name in ("retail_code", "person_code", "company_code"):
        template: str = getattr(partners, name)
        wrong = list(_template(f"partners.{name}", template, PARTNER_FIELDS))
        yield from wrong or _partner_length(f"partners.{name}", template, partners.max_length)
    if "{hash}" not in partners.person_code and "{tax_number}" not in partners.person_code:
        yield finding("tenant.partners.person_code", "partners.person_code")
    if "{tax_number}" not in partners.company_code and "{hash}" not in partners.company_code:
        yield finding("tenant.partners.company_code", "partners.company_code")


def _template(field: str, template: str, known: frozenset[str]) -> Iterator[Finding]:
    try:
        names = {
            name if not spec and not conversion else f"{name}!"
            for _, name, spec, conversion in string.Formatter().parse(template)
            if name is not None
        }
    except ValueError:
        names = {"{"}
    if names - known:
        yield finding(
            "tenant.template.field",
            field,
            unknown=", ".join(sorted(names - known)) or "{}",
            known=", ".join(f"{{{name}}}" for name in sorted(known)),
        )


def _partner_length(field: str, template: str, limit: int) -> Iterator[Finding]:
    fixed = template.format(channel="", hash="", tax_number="")
    needed = len(fixed)
    needed += SHORTEST_HASH if "{hash}" in template else 0
    needed += LONGEST_TAX_NUMBER if "{tax_number}" in template else 0
    needed += 1 if "{channel}" in template else 0
    if needed > limit:
        yield finding("tenant.partners.length", field, needed=needed, limit=limit)


def _carriers(settings: TenantSettings) -> Iterator[Finding]:
    for index, carrier in enumerate(settings.carriers):
        field = f"carriers[{index}].tax_number"
        tax_id = taxnumbers.tax_id(carrier.tax_number)
        if tax_id is None:
            yield finding("tenant.carrier.tax_number", field, name=carrier.legal_name)
        elif wrong := taxnumbers.finding(tax_id, field=field):
            yield wrong
