"""The simulated firm's own people: what they enter, count and ship outside the connector."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from kopru_logo.simulation.ledger import Ledger
from kopru_logo.simulation.shelf import Body


class Desk:
    """Work done by hand in the simulated Logo; tests and the chaos suite call it at run time."""

    ledger: Ledger
    lock: Any

    def add_item(
        self,
        code: str,
        name: str,
        *,
        vat: Decimal = Decimal(20),
        barcodes: Iterable[str] = (),
        stock: Decimal = Decimal(0),
        **further: Any,
    ) -> int:
        """Enter an item card and its stock in warehouse 0; return its reference."""
        rows = [{"BARCODE": barcode, "TYPE": 0} for barcode in barcodes]
        unit = {"UNIT_CODE": "ADET", "CONV_FACT1": 1, "CONV_FACT2": 1, "BARCODE_LIST": {"items": rows}}
        card: Body = {
            "CARD_TYPE": 1,
            "CODE": code,
            "NAME": name,
            "VAT": vat,
            "SELVAT": vat,
            "UNITSET_CODE": "05",
            "UNITS": {"items": [unit]},
            **further,
        }
        with self.lock:
            kept = self.ledger.store_item(card, 0.0)
            self.ledger.set_stock(code, stock)
        return int(kept["INTERNAL_REFERENCE"])

    def add_party(self, code: str, title: str, **further: Any) -> int:
        """Enter a partner card; return its reference."""
        with self.lock:
            kept = self.ledger.store_party({"CODE": code, "TITLE": title, **further}, 0.0)
        return int(kept["INTERNAL_REFERENCE"])

    def set_stock(
        self, code: str, on_hand: Decimal, *, warehouse: int = 0, consigned: Decimal = Decimal(0)
    ) -> None:
        """Count an item's stock anew."""
        with self.lock:
            self.ledger.set_stock(code, on_hand, warehouse=warehouse, consigned=consigned)

    def enter_invoice(self, body: Body, *, sales: bool = True) -> Body:
        """Enter an invoice by hand, outside the connector."""
        with self.lock:
            return self.ledger.store_invoice(body, sales=sales, committed_at=0.0)

    def ship_order(self, ref: int) -> None:
        """Ship an order completely."""
        with self.lock:
            entry = self.ledger.orders.get(ref)
            assert entry is not None
            for line in entry.body["TRANSACTIONS"]["items"]:
                line["QUANTITY_SHIPPED"] = line.get("QUANTITY", 0)

    def set_period(self, start: date, end: date) -> None:
        """Set the bounds of the open period."""
        with self.lock:
            self.ledger.start, self.ledger.end = start, end
            self.ledger.system["L_CAPIPERIOD"][0] |= {
                "BEGDATE": f"{start}T00:00:00",
                "ENDDATE": f"{end}T00:00:00",
            }
