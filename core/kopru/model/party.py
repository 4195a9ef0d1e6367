"""Buyers, sellers and their addresses."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from kopru.model.base import Canonical, Id, Line

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class PartyKind(StrEnum):
    """Who buys: a natural person or a company."""

    PERSON = "person"
    COMPANY = "company"


class TaxScheme(StrEnum):
    """Which register a tax number belongs to.

    ``vkn``: ten digits, companies. ``tckn``: eleven digits, natural persons.
    ``foreign``: a number of another country, kept as given.
    """

    VKN = "vkn"
    TCKN = "tckn"
    FOREIGN = "foreign"


class TaxId(Canonical):
    """A tax number with its register. The check digit is a rule of documents, not of the type."""

    scheme: TaxScheme
    value: Id


class Address(Canonical):
    """A postal address. ``district`` is the ilçe, ``city`` the il; country is ISO 3166 alpha-2."""

    street: Line = ""
    neighbourhood: Line = ""
    district: Line = ""
    city: Line = ""
    postal_code: Line = ""
    country: CountryCode = "TR"


class Party(Canonical):
    """A buyer or seller as it stands on a document.

    A person has ``first_name`` and ``last_name``, a company ``name``. ``einvoice_registered`` is what
    the source claims about e-Fatura registration; ``None`` means that nobody said.
    """

    kind: PartyKind
    name: Line = ""
    first_name: Line = ""
    last_name: Line = ""
    tax_id: TaxId | None = None
    tax_office: Line = ""
    email: Line = ""
    phone: Line = ""
    website: Line = ""
    address: Address = Address()
    registrations: tuple[tuple[str, str], ...] = ()
    """Further register numbers as (scheme, value), for example ``("MERSISNO", "0123…")``."""
    einvoice_registered: bool | None = None

    @property
    def display_name(self) -> str:
        """Return the company name, or first and last name."""
        return self.name or f"{self.first_name} {self.last_name}".strip()


class Mailbox(Canonical):
    """One e-invoice address of a registered taxpayer.

    ``alias`` is the label documents are sent to (PK) or from (GB), such as
    ``urn:mail:defaultpk@example.com``.
    """

    alias: Id
    title: Line = ""
    created_at: str = ""


class Recipient(Canonical):
    """The answer to "is this tax number registered for e-invoices?".

    No mailbox means not registered.
    """

    tax_id: TaxId
    title: Line = ""
    mailboxes: tuple[Mailbox, ...] = ()

    @property
    def registered(self) -> bool:
        """Whether e-Fatura must be used for this recipient."""
        return bool(self.mailboxes)
