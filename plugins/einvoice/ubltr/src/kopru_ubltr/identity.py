"""Who a party is on a document: its one VKN or TCKN, further numbers, and the names that go with them."""

from dataclasses import dataclass

from kopru.model import Party, PartyKind, Profile, TaxScheme
from kopru.toolkit.taxnumbers import FOREIGN_BUYER_VKN, UNKNOWN_CONSUMER_TCKN
from kopru.toolkit.text import split_name
from kopru_ubltr.codes import PASSPORT
from kopru_ubltr.config import UblTrConfig
from kopru_ubltr.text import clean

VKN = "VKN"
TCKN = "TCKN"


@dataclass(frozen=True, slots=True)
class Identity:
    """The numbers and names of a party as they are written.

    ``scheme`` is ``VKN`` or ``TCKN``; both it and ``number`` are empty when the party cannot be identified.
    """

    scheme: str
    number: str
    others: tuple[tuple[str, str], ...] = ()
    name: str = ""
    first_name: str = ""
    last_name: str = ""

    @property
    def named(self) -> bool:
        """Whether the names that the scheme demands are there."""
        return bool(self.name) if self.scheme == VKN else bool(self.first_name and self.last_name)


def of_seller(party: Party) -> Identity:
    """Return the identity of a seller; a seller always has a Turkish number of its own."""
    return _with_number(party, *_own_number(party))


def of_buyer(party: Party, profile: Profile, config: UblTrConfig) -> Identity:
    """Return the identity of a buyer.

    In e-Arşiv a foreign buyer stands under VKN 2222222222 with the own number beside it, and a consumer who
    gave no number under TCKN 11111111111 when the settings allow it.
    """
    scheme, number = _own_number(party)
    if scheme or not profile.is_archive:
        return _with_number(party, scheme, number)
    if _foreign(party):
        others = ((PASSPORT, party.tax_id.value),) if party.tax_id else ()
        return _with_number(party, VKN, FOREIGN_BUYER_VKN, others)
    if config.unknown_consumer and party.kind is PartyKind.PERSON:
        return _with_number(party, TCKN, UNKNOWN_CONSUMER_TCKN)
    return _with_number(party, "", "")


_SCHEMES = {TaxScheme.VKN: VKN, TaxScheme.TCKN: TCKN}


def _own_number(party: Party) -> tuple[str, str]:
    if party.tax_id is None or party.tax_id.scheme not in _SCHEMES:
        return "", ""
    return _SCHEMES[party.tax_id.scheme], party.tax_id.value


def _foreign(party: Party) -> bool:
    return party.address.country != "TR" or (
        party.tax_id is not None and party.tax_id.scheme is TaxScheme.FOREIGN
    )


def _with_number(
    party: Party, scheme: str, number: str, others: tuple[tuple[str, str], ...] = ()
) -> Identity:
    first, last = _person_names(party)
    return Identity(
        scheme=scheme,
        number=number,
        others=others + party.registrations,
        name=clean(party.display_name if scheme == VKN else party.name),
        first_name=first,
        last_name=last,
    )


def _person_names(party: Party) -> tuple[str, str]:
    first, last = clean(party.first_name), clean(party.last_name)
    if first and last:
        return first, last
    return split_name(party.display_name)
