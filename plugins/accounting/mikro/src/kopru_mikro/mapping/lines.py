"""What lines of orders and invoices have in common: card, unit, and the findings that refuse a document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kopru.model import Finding, LineKind
from kopru.sdk import MappingMissing, Rejected
from kopru_mikro.config import MikroConfig
from kopru_mikro.texts import TEXTS


@dataclass(slots=True)
class Faults:
    """Collects what is wrong with a document, so that all of it is told at once."""

    found: list[Finding] = field(default_factory=list)

    def add(self, code: str, place: str, **values: object) -> None:
        """Note one fault."""
        self.found.append(Finding(code=code, message=TEXTS.text(code, **values), field=place))

    def refuse(self) -> None:
        """Raise what was noted.

        Raises:
            Rejected: there is at least one fault.
        """
        if self.found:
            first = self.found[0]
            raise Rejected(first.code, first.message, findings=self.found, field=first.field)


def card_code(config: MikroConfig, kind: LineKind, code: str) -> str:
    """Return the stock card a line is booked on: shipping and fees may have one of their own."""
    own = {LineKind.SHIPPING: config.shipping_item, LineKind.FEE: config.fee_item}
    return own.get(kind, "") or code


def unit_pointers(config: MikroConfig, units: Iterable[str]) -> Mapping[str, int]:
    """Return which of an item card's four units each unit is.

    Raises:
        MappingMissing: ``mikro.unit`` with every unit the settings do not name.
    """
    missing = sorted(set(units) - set(config.unit_pointers))
    if missing:
        raise MappingMissing("mikro.unit", missing, TEXTS.text("mikro.unit", units=", ".join(missing)))
    return config.unit_pointers
