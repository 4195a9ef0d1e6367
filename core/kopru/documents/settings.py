"""A company's configuration: who issues, under which numbers, by which rules, with how much freedom.

One TOML file holds all of it (``tenant_file``); secrets and connections are not part of it.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from kopru.documents.numbering import Pattern, gib
from kopru.documents.rules import Key, Mode, Rule, Setting, Stages, default_rules
from kopru.model import Address, Id, InvoiceKind, Language, Line, Party, PartyKind, Profile
from kopru.toolkit import taxnumbers

Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{3}$")]
Name = Annotated[Line, Field(min_length=1)]
CodeTemplate = Annotated[Line, Field(min_length=1, max_length=100)]


class Issuer(Setting):
    """The company that issues. ``sender_alias`` (GB) and ``receiver_alias`` (PK) are its e-Fatura mailboxes.

    ``einvoice`` says whether it is an e-Fatura user; without it every sale is an e-Arşiv invoice.
    ``profile`` is the scenario of its e-Fatura when a rule does not choose: basic (TEMELFATURA) or
    commercial (TICARIFATURA).
    """

    kind: PartyKind = PartyKind.COMPANY
    name: Line = ""
    first_name: Line = ""
    last_name: Line = ""
    tax_number: Id
    tax_office: Line = ""
    email: Line = ""
    phone: Line = ""
    website: Line = ""
    address: Address
    registrations: dict[Id, Id] = {}
    einvoice: bool = True
    sender_alias: Line = ""
    receiver_alias: Line = ""
    profile: Literal[Profile.BASIC, Profile.COMMERCIAL] = Profile.BASIC

    def party(self) -> Party:
        """Return the seller as it stands on a document."""
        return Party(
            kind=self.kind,
            name=self.name,
            first_name=self.first_name,
            last_name=self.last_name,
            tax_id=taxnumbers.tax_id(self.tax_number),
            tax_office=self.tax_office,
            email=self.email,
            phone=self.phone,
            website=self.website,
            address=self.address,
            registrations=tuple(self.registrations.items()),
            einvoice_registered=self.einvoice,
        )


class Series(Setting):
    """A number series in GİB's form: three-character prefix, year, nine digits.

    Empty lists mean "any". A document takes the series its rule names, else the first that fits.
    """

    key: Key
    prefix: Prefix
    kinds: tuple[InvoiceKind, ...] = ()
    profiles: tuple[Profile, ...] = ()
    channels: tuple[Id, ...] = ()

    @property
    def pattern(self) -> Pattern:
        """Return the number pattern."""
        return gib(self.prefix)

    def fits(self, kind: InvoiceKind, profile: Profile, channel: str) -> bool:
        """Whether documents of this use may take their number here."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.profiles or profile in self.profiles)
            and (not self.channels or channel in self.channels)
        )


class ConsumerPolicy(StrEnum):
    """Which ledger card a consumer's invoice is booked on."""

    RETAIL = "retail"
    """One card for all consumers of a channel."""
    PER_PERSON = "per_person"
    """One card per person, recognised by TCKN, e-mail or telephone."""
    PER_TAX_NUMBER = "per_tax_number"
    """One card per real TCKN; everybody else on the channel's retail card."""


class PartnerPolicy(Setting):
    """How ledger cards (cari) are chosen and coded. Companies always have their own card, by tax number.

    Templates know ``{channel}``, ``{hash}`` and ``{tax_number}``. ``{hash}`` fills what is left of
    ``max_length`` (16 fits every ledger known to us).
    """

    consumers: ConsumerPolicy = ConsumerPolicy.RETAIL
    retail_code: CodeTemplate = "120.{channel}"
    retail_name: Name = "Perakende müşteriler - {channel}"
    person_code: CodeTemplate = "120.P.{hash}"
    company_code: CodeTemplate = "120.{tax_number}"
    max_length: int = Field(default=16, ge=8, le=100)


class LedgerTiming(StrEnum):
    """When an invoice is booked."""

    ACCEPTED = "accepted"
    """Once the channel has taken the document."""
    DELIVERED = "delivered"
    """Once the channel reports that it reached the buyer or the report."""


class LedgerPolicy(Setting):
    """When invoices are booked, and whether open orders are entered in the ledger to reserve their goods."""

    after: LedgerTiming = LedgerTiming.ACCEPTED
    orders: Mode = Mode.MANUAL


class MarketplaceDiscounts(StrEnum):
    """What happens to discounts the marketplace pays for.

    ``deduct``: the invoice shows what the buyer pays. ``keep``: the invoice leaves them in, because they are
    charged to the marketplace by the same invoice's amount.
    """

    DEDUCT = "deduct"
    KEEP = "keep"


class ZeroPrice(StrEnum):
    """What happens to a line that costs nothing: refused, or shown with exemption code 351."""

    REFUSE = "refuse"
    EXEMPT_351 = "exempt_351"


class MissingDistrict(StrEnum):
    """What happens to a buyer address without ilçe: refused, or the il is written in its place."""

    REFUSE = "refuse"
    USE_CITY = "use_city"


class InvoicePolicy(Setting):
    """Choices the law leaves to the issuer.

    ``rounding_limit`` is the largest difference, in document currency, that may be shown as rounding
    between the source's total and the sum of the lines. ``link`` is the address buyers find their invoice
    at, with ``{ettn}``, ``{number}`` or ``{order}``; empty takes the channel's own.
    """

    rounding_limit: Decimal = Field(default=Decimal("0.05"), ge=0, le=1)
    marketplace_discounts: MarketplaceDiscounts = MarketplaceDiscounts.DEDUCT
    zero_price: ZeroPrice = ZeroPrice.REFUSE
    missing_district: MissingDistrict = MissingDistrict.REFUSE
    payment_days: int | None = Field(default=None, ge=0, le=365)
    notes: tuple[Name, ...] = ()
    link: Line = ""


class MatchKey(StrEnum):
    """By what an order line finds its own item."""

    LINK = "link"
    SKU = "sku"
    BARCODE = "barcode"


class Matching(StrEnum):
    """What happens to a line that no key and no rule knows."""

    AUTO = "auto"
    """It is resolved alone when the matcher is sure and nothing speaks against it; else a person is asked."""
    ASK = "ask"
    """A person is always asked."""


class ItemPolicy(Setting):
    """Which keys resolve order lines to own items, and what happens to lines without any."""

    keys: tuple[MatchKey, ...] = Field(
        default=(MatchKey.LINK, MatchKey.SKU, MatchKey.BARCODE), min_length=1, max_length=3
    )
    matching: Matching = Matching.AUTO


class Service(Setting):
    """The own service item of a shipping or fee line, and its VAT rate when the source does not tell."""

    code: Id
    vat_rate: Decimal | None = Field(default=None, ge=0, le=100)


class Services(Setting):
    """Own service items of lines that are no goods."""

    shipping: Service | None = None
    fee: Service | None = None


class StockRule(Setting):
    """Which warehouses a channel sells from and how many units are held back."""

    warehouses: tuple[Id, ...] = ()
    buffer: int = Field(default=0, ge=0)


class StockPolicy(StockRule):
    """Stock for all channels; ``channels`` overrides single ones. No warehouse means all."""

    channels: dict[Id, StockRule] = {}

    def for_channel(self, channel: str) -> StockRule:
        """Return the rule of one channel."""
        return self.channels.get(channel, self)


class PriceRule(Setting):
    """What a channel adds to the own price, in percent; a discount is negative."""

    markup: Decimal = Field(default=Decimal(0), ge=-90, le=1000)


class PricePolicy(PriceRule):
    """Prices for all channels; ``channels`` overrides single ones. ``push`` lets them leave by themselves."""

    push: Mode = Mode.MANUAL
    channels: dict[Id, PriceRule] = {}

    def for_channel(self, channel: str) -> PriceRule:
        """Return the rule of one channel."""
        return self.channels.get(channel, self)


class Channel(Setting):
    """What invoices of one connection's orders must show.

    ``internet_sale`` turns the e-Arşiv internet-sale data on. ``website`` is the address the sale was made
    at (empty: the issuer's), ``payment_agent`` the company that collected the money.
    """

    internet_sale: bool = True
    website: Line = ""
    payment_agent: Line = ""


class Carrier(Setting):
    """A cargo company: the names sources use for it, and its legal name and tax number."""

    names: tuple[Name, ...] = Field(min_length=1)
    legal_name: Name
    tax_number: Id


class TenantSettings(Setting):
    """Everything ``tenant apply`` loads and ``tenant export`` writes."""

    version: Literal[1] = 1
    language: Language = "tr"
    issuer: Issuer
    series: tuple[Series, ...] = Field(min_length=1)
    rules: tuple[Rule, ...] = Field(default=default_rules(), min_length=1)
    stages: Stages = Stages()
    partners: PartnerPolicy = PartnerPolicy()
    ledger: LedgerPolicy = LedgerPolicy()
    invoice: InvoicePolicy = InvoicePolicy()
    items: ItemPolicy = ItemPolicy()
    services: Services = Services()
    stock: StockPolicy = StockPolicy()
    prices: PricePolicy = PricePolicy()
    channels: dict[Id, Channel] = {}
    carriers: tuple[Carrier, ...] = ()

    @field_validator("series")
    @classmethod
    def _series_are_distinct(cls, series: tuple[Series, ...]) -> tuple[Series, ...]:
        _distinct("tenant.series.key_twice", [each.key for each in series])
        return series

    @field_validator("rules")
    @classmethod
    def _rules_are_distinct(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        _distinct("tenant.rules.name_twice", [rule.name for rule in rules])
        return rules

    def series_by_key(self, key: str) -> Series | None:
        """Return the series with this key, if there is one."""
        return next((series for series in self.series if series.key == key), None)

    def series_for(self, kind: InvoiceKind, profile: Profile, channel: str) -> Series | None:
        """Return the first series that fits a use, if there is one."""
        return next((series for series in self.series if series.fits(kind, profile, channel)), None)

    def channel(self, name: str) -> Channel:
        """Return the settings of one connection's orders."""
        return self.channels.get(name, Channel())


def _distinct(code: str, names: list[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise PydanticCustomError(code, "{name}", {"name": name})
