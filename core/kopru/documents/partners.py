"""Which ledger card (cari) an order's buyer is booked on.

Companies always have a card of their own, found by tax number. For consumers the tenant chooses; see
``settings.ConsumerPolicy``.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from kopru.documents.settings import ConsumerPolicy, PartnerPolicy
from kopru.documents.texts import finding
from kopru.hooks.errors import Rejected
from kopru.hooks.types import PartyRequest
from kopru.model import Party, PartyKind, TaxScheme
from kopru.toolkit import taxnumbers
from kopru.toolkit.fold import fold, key, upper

HASH_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Partner:
    """The card to find or make, and the key of which one card exists per ledger connection."""

    request: PartyRequest
    key: str


def partner_for(policy: PartnerPolicy, party: Party, channel: str) -> Partner:
    """Return the card an order of this buyer is booked on.

    A consumer who cannot be told from others (no TCKN, e-mail or telephone) goes to the retail card, because
    a name alone would put two people on one card.

    Raises:
        Rejected: a company without a tax number (``partner.company.tax_number``), or a code template that
            gives an empty or too long code for this buyer (``partner.code``).
    """
    number = tax_number(party)
    if party.kind is PartyKind.COMPANY:
        if not number:
            raise _rejected("partner.company.tax_number", "buyer.tax_id")
        return _own_card(policy, policy.company_code, party, channel, f"tax:{number}")
    person = _person_key(policy.consumers, party, number)
    if person is None:
        return _retail_card(policy, channel)
    return _own_card(policy, policy.person_code, party, channel, person)


def cards_needed(policy: PartnerPolicy, buyers: Iterable[tuple[Party, str]]) -> dict[ConsumerPolicy, int]:
    """Return how many ledger cards each consumer policy would need for these (buyer, channel) pairs.

    Companies without a tax number are left out; their orders cannot be invoiced anyway.
    """
    pairs = [
        (party, channel) for party, channel in buyers if party.kind is PartyKind.PERSON or tax_number(party)
    ]
    return {
        consumers: len(
            {
                partner_for(policy.model_copy(update={"consumers": consumers}), party, channel).key
                for party, channel in pairs
            }
        )
        for consumers in ConsumerPolicy
    }


def tax_number(party: Party) -> str:
    """Return a party's tax number, or nothing when it has none or only a conventional placeholder."""
    if party.tax_id is None or taxnumbers.is_placeholder(party.tax_id.value):
        return ""
    return party.tax_id.value


def _person_key(policy: ConsumerPolicy, party: Party, number: str) -> str | None:
    if policy is ConsumerPolicy.RETAIL:
        return None
    if number and party.tax_id and party.tax_id.scheme is not TaxScheme.FOREIGN:
        return f"tax:{number}"
    if policy is ConsumerPolicy.PER_TAX_NUMBER:
        return None
    if number:
        return f"foreign:{fold(number)}"
    if party.email:
        return f"email:{fold(party.email)}"
    digits = re.sub(r"\D", "", party.phone)
    return f"phone:{digits[-10:]}" if len(digits) >= 10 else None


def _own_card(policy: PartnerPolicy, template: str, party: Party, channel: str, key: str) -> Partner:
    code = _code(policy, template, channel, key, tax_number(party))
    return Partner(
        PartyRequest(code=code, party=party, channel=channel, match_tax_id=key.startswith("tax:")), key
    )


def _retail_card(policy: PartnerPolicy, channel: str) -> Partner:
    key = f"retail:{channel}"
    party = Party(kind=PartyKind.PERSON, name=policy.retail_name.format(channel=channel))
    code = _code(policy, policy.retail_code, channel, key, "")
    return Partner(PartyRequest(code=code, party=party, channel=channel, match_tax_id=False), key)


def _code(policy: PartnerPolicy, template: str, channel: str, uniqueness: str, number: str) -> str:
    """Fill a code template; the channel and the hash share what the limit leaves."""
    room = policy.max_length - len(template.format(channel="", hash="", tax_number=number))
    digest = _hash(uniqueness, min(HASH_LENGTH, room)) if "{hash}" in template else ""
    name = _channel_code(channel, room - len(digest)) if "{channel}" in template else ""
    code = template.format(channel=name, hash=digest, tax_number=number)
    if not code.strip(".") or len(code) > policy.max_length:
        raise _rejected("partner.code", "buyer", code=code, limit=policy.max_length)
    return code


def _hash(text: str, length: int) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.b32encode(digest).decode("ascii")[: max(length, 0)]


def _channel_code(channel: str, room: int) -> str:
    """Return a channel's name in capitals; one that does not fit, or has no letters, gets a hash."""
    plain = upper(key(channel)).replace("İ", "I").replace(" ", "-")
    if 0 < len(plain) <= room:
        return plain
    tail = _hash(channel, 4)
    return plain[: max(room - len(tail), 0)] + tail[: max(room, 0)]


def _rejected(code: str, field: str, /, **values: object) -> Rejected:
    found = finding(code, field, **values)
    return Rejected(code, found.message, findings=(found,), field=field)
