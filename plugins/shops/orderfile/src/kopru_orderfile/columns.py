"""Which column holds which field: from the settings, a profile, or the headings themselves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kopru.toolkit import fold
from kopru_orderfile.fields import FIELDS, PRICES, REQUIRED
from kopru_orderfile.profiles import GENERAL, Profile

INCLUDED = "included"
EXCLUDED = "excluded"

_INCLUDED = re.compile(r"kdv(?:dahil|li)|(?:incl|including|inc)(?:vat|tax)|(?:vat|tax)(?:included|incl)")
_EXCLUDED = re.compile(
    r"kdv(?:haric|siz)|(?:excl|excluding|ex|wo|without)(?:vat|tax)|(?:vat|tax)(?:excluded|excl)"
)
_CURRENCY_TAIL = re.compile(r"(?<=.)\s*[(\[]?\s*(?:TL|TRY|₺)\s*[)\]]?\s*$")
_NTH = re.compile(r"^(?P<heading>.+)#(?P<nth>\d+)$")


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings of a table and the column of each field.

    ``vat`` says whether the price headings speak of VAT included or excluded, else it is empty. ``repeated``
    lists fields whose heading stands more than once, ``absent`` the configured headings that the file lacks.
    """

    headings: tuple[str, ...]
    places: Mapping[str, int]
    vat: str = ""
    repeated: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    absent: tuple[tuple[str, str], ...] = ()
    profile: Profile = GENERAL

    def has(self, name: str) -> bool:
        """Whether a field has a column, or several that compete for it."""
        return name in self.places or name in self.repeated

    def heading(self, name: str) -> str:
        """Return the heading of a field's column, or the field's usual heading when it has none."""
        place = self.places.get(name)
        return FIELDS[name].headings[0] if place is None else self.headings[place]

    def missing(self) -> tuple[tuple[str, ...], ...]:
        """Return each group of required fields of which none has a column."""
        return tuple(group for group in REQUIRED if not any(map(self.has, group)))

    def moved(self, places: Mapping[str, int]) -> "Columns":
        """Return the columns with other places."""
        return replace(self, places=places)


def match(headings: Sequence[str], profile: Profile, own: Mapping[str, str], prices: str) -> Columns:
    """Return which column holds which field.

    Args:
        headings: the heading row.
        profile: fixes some fields; may name headings that are not there.
        own: the seller's own mapping, field to heading; wins over everything, an empty heading switches the
            field off.
        prices: ``included`` or ``excluded`` when the settings say so; decides between two columns of one
            field, one with VAT and one without.
    """
    keys = [_key(heading) for heading in headings]
    places: dict[str, int] = {}
    repeated: dict[str, tuple[int, ...]] = {}
    absent: list[tuple[str, str]] = []
    for name, heading in {**profile.columns, **own}.items():
        found = _named(keys, heading) if heading else []
        if len(found) == 1:
            places[name] = found[0]
        elif found:
            repeated[name] = tuple(found)
        elif heading and name in own:
            absent.append((name, heading))
    taken = set(places.values()) | {place for places_ in repeated.values() for place in places_}
    ignored = {_key(heading) for heading in profile.ignore}
    free = [place for place in range(len(keys)) if place not in taken and keys[place] not in ignored]
    wanted = prices or profile.prices
    for name, known in _KEYS.items():
        if name in places or name in repeated or name in own:
            continue
        found = _first_known(known, keys, free, wanted)
        if len(found) == 1:
            places[name] = found[0]
            free.remove(found[0])
        elif found:
            repeated[name] = tuple(found)
    columns = Columns(tuple(headings), places, "", repeated, tuple(absent), profile)
    return _of_one_vat(columns, keys, wanted)


def score(headings: Sequence[str], own: Mapping[str, str]) -> int:
    """Return how many fields a row of headings names; tells the heading row from any other."""
    keys = {_key(heading)[0] for heading in headings if heading}
    mine = {_key(heading)[0] for heading in own.values() if heading}
    known = sum(1 for names in _KEYS.values() if not keys.isdisjoint(names))
    return known + len(keys & (mine - _KNOWN))


def _key(heading: str) -> tuple[str, str]:
    bare = fold.header(_CURRENCY_TAIL.sub("", heading.strip()).replace("%", " yuzde "))
    for pattern, vat in ((_INCLUDED, INCLUDED), (_EXCLUDED, EXCLUDED)):
        if pattern.search(bare):
            return pattern.sub("", bare), vat
    return bare, ""


def _named(keys: Sequence[tuple[str, str]], heading: str) -> list[int]:
    nth = _NTH.match(heading)
    wanted = _key(nth["heading"] if nth else heading)
    found = [place for place, key in enumerate(keys) if key == wanted]
    if not nth:
        return found
    index = int(nth["nth"]) - 1
    return found[index : index + 1] if index >= 0 else []


def _first_known(
    known: Sequence[str], keys: Sequence[tuple[str, str]], free: Sequence[int], wanted: str
) -> list[int]:
    for key in known:
        found = [place for place in free if keys[place][0] == key]
        if found:
            return _of_vat(found, keys, wanted)
    return []


def _of_vat(found: list[int], keys: Sequence[tuple[str, str]], wanted: str) -> list[int]:
    # "Fiyat (KDV Hariç)" beside "Fiyat (KDV Dahil)": what the buyer pays is the safer of the two.
    kinds = {keys[place][1] for place in found}
    if len(kinds) == 1:
        return found
    for vat in (wanted or INCLUDED, "", INCLUDED, EXCLUDED):
        chosen = [place for place in found if keys[place][1] == vat]
        if chosen:
            return chosen
    return found


def _of_one_vat(columns: Columns, keys: Sequence[tuple[str, str]], wanted: str) -> Columns:
    """Leave out price columns of the other VAT kind, and a total without VAT, which no buyer pays."""
    said = {keys[columns.places[name]][1] for name in PRICES if name in columns.places} - {""}
    vat = wanted if wanted in said else (INCLUDED if INCLUDED in said else (EXCLUDED if said else ""))
    other = {INCLUDED: EXCLUDED, EXCLUDED: INCLUDED}.get(vat)
    places = {
        name: place
        for name, place in columns.places.items()
        if not (name in PRICES and keys[place][1] == other)
        and not (name == "order_total" and keys[place][1] == EXCLUDED)
    }
    return replace(columns, places=places, vat=vat)


_KEYS = {name: tuple(_key(heading)[0] for heading in field.headings) for name, field in FIELDS.items()}
_KNOWN = frozenset(key for keys in _KEYS.values() for key in keys)
