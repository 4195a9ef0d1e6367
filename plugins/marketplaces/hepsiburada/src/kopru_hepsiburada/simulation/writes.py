"""Lines and packages, and what changes them: the merchant's calls, Hepsiburada, carriers and buyers."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from kopru.testing.simulator import Held
from kopru.testing.truth import Truth
from kopru_hepsiburada.simulation import make
from kopru_hepsiburada.simulation.clock import Clock
from kopru_hepsiburada.simulation.make import Json

CANCELS_A_DAY = 100
FIRST_PACKAGE = 6_000_000_000
_DAY = 86_400

Tell = Callable[[str, str, Json], None]
"""Is told of a change: method and path below the merchant's address, and body."""


class Refusal(Exception):
    """The call is answered with an error."""

    def __init__(self, status: int, code: str = "", message: str = "") -> None:
        """Take the status and the body's code and message; without them the body is empty."""
        self.status = status
        self.body = {"code": code, "message": message or code} if code else None
        super().__init__(code or str(status))


class Writes:
    """Every line and package of the merchant, and an account of what the merchant's calls did."""

    def __init__(self, clock: Clock, truth: Truth, tell: Tell) -> None:
        """Take the clock, the log of what happened, and whom to tell of a change."""
        self.lines: dict[str, Json] = {}
        self.orders: dict[str, list[str]] = defaultdict(list)
        self.packages: dict[str, Json] = {}
        self.open: dict[str, float] = {}
        """When the lines in no package were ordered, in the order in which they came here."""
        self.cancelled: dict[str, None] = {}
        self.done: list[Held] = []
        self.address_changing: set[str] = set()
        """Orders whose buyers have asked for another address."""
        self.apart: set[str] = set()
        """Lines that may share a package with no other."""
        self._clock = clock
        self._truth = truth
        self._tell = tell
        self._cancels: list[float] = []

    def add(self, line: Json) -> None:
        """Let a line appear, open."""
        self.lines[line["id"]] = line
        self.orders[line["orderNumber"]].append(line["id"])
        self.open[line["id"]] = make.seconds(line["orderDate"])

    def of_order(self, number: str) -> list[Json]:
        """Return the lines of an order."""
        return [self.lines[each] for each in self.orders.get(number, ())]

    def of_package(self, number: str) -> list[Json]:
        """Return the lines of a package."""
        return [self.lines[each] for each in self.packages[number]["lines"]]

    def change(self, line: Json, **fields: Any) -> None:
        """Change a line, and its time of change."""
        line |= {**fields, "lastStatusUpdateDate": make.local(self._clock.now())}
        self._truth.note("line.changed", id=line["id"], number=line["orderNumber"], fields=sorted(fields))

    def pack(self, ids: Iterable[str], carrier: str = "") -> Json:
        """Put open lines into a package of their own."""
        number = str(FIRST_PACKAGE + len(self.packages))
        lines = [self.lines[each] for each in ids]
        now = self._clock.now()
        package = {
            "packageNumber": number,
            "barcode": f"HX{number}",
            "status": "Open",
            "cargoCompany": carrier or lines[0]["cargoCompany"],
            "lines": [line["id"] for line in lines],
            "made": now,
            "at": make.local(now),
            "invoice": None,
        }
        self.packages[number] = package
        self._truth.note("package.made", id=number, numbers=sorted({line["orderNumber"] for line in lines}))
        for line in lines:
            self.open.pop(line["id"], None)
            fields = {"packageNumber": number, "barcode": package["barcode"]}
            self.change(line, status="Packaged", cargoCompany=package["cargoCompany"], **fields)
        self._tell("POST", "/packages", make.package_row(package, lines))
        return package

    def unpack(self, number: str) -> None:
        """Take a package apart; a later package of the same lines has another number."""
        package = self.packages[number]
        numbers = sorted({line["orderNumber"] for line in self.of_package(number)})
        for line in self.of_package(number):
            self.change(line, status="Unpacked", packageNumber=None, barcode=None, hasInvoice=False)
            self.open[line["id"]] = make.seconds(line["orderDate"])
        package |= {"status": "Unpacked", "lines": []}
        self._tell("PUT", f"/packages/{number}/unpack", {"packageNumber": number, "orderNumbers": numbers})

    def move(self, number: str, status: str) -> None:
        """Let a package move on: ``InTransit``, ``Delivered``, ``UnDelivered``."""
        package = self.packages[number]
        package |= {"status": status, "at": make.local(self._clock.now())}
        for line in self.of_package(number):
            self.change(line, status="Undelivered" if status == "UnDelivered" else status)
        action = {"InTransit": "intransit", "Delivered": "deliver"}.get(status, "undeliver")
        self._tell("PUT", f"/packages/{number}/{action}", {"packageNumber": number})

    def cancel(self, line: Json, by: str) -> None:
        """Cancel a line."""
        self.open.pop(line["id"], None)
        self.change(line, status=f"CancelledBy{by}")
        self.cancelled[line["id"]] = None
        body = {"id": line["id"], "orderNumber": line["orderNumber"], "cancelledBy": by}
        self._tell("PUT", f"/lineitems/{line['id']}/cancel", body)

    # The merchant's calls

    def packageable_with(self, line_id: str) -> list[Json]:
        """Return the open lines of the same buyer's order."""
        line = self._line(line_id)
        if line_id not in self.open:
            raise Refusal(409, "LineItemIsNotOpen")
        mine = self.orders[line["orderNumber"]]
        others = [each for each in mine if each != line_id and each in self.open]
        if self.apart & {line_id, *others}:
            others = []
        if not others:
            raise Refusal(404, "NotFound")
        return [self.lines[each] for each in others]

    def make_package(self, body: Json) -> Json:
        """Carry out a call that packs lines."""
        rows = body.get("lineItemRequests")
        if not isinstance(rows, list) or not rows or not isinstance(body.get("parcelQuantity"), int):
            raise Refusal(400, "ValidationError", "lineItemRequests")
        ids = [str(row.get("id")) for row in rows]
        lines = [self._line(each) for each in ids]
        if any(row.get("quantity") != line["quantity"] for row, line in zip(rows, lines, strict=True)):
            raise Refusal(400, "ValidationError", "quantity")
        self._check_address(lines)
        if any(each not in self.open for each in ids):
            raise Refusal(409, "LineItemIsNotOpen")
        if len(ids) > 1 and self.apart & set(ids):
            raise Refusal(400, "LineItemsNotPackageable")
        package = self.pack(ids, str(body.get("cargoCompany") or ""))
        self._record(lines, "packed", package["packageNumber"])
        return {"packageNumber": package["packageNumber"], "barcode": package["barcode"]}

    def ask_to_unpack(self, number: str) -> None:
        """Carry out a call that takes a package apart."""
        lines = self._packed(number)
        if self.packages[number]["status"] != "Open":
            raise Refusal(409, "PackageIsNotOpen")
        self._record(lines, "unpacked", number)
        self.unpack(number)

    def ship(self, number: str, body: Json) -> None:
        """Carry out a call by which the merchant's own carrier has a package."""
        lines = self._packed(number)
        if not body.get("trackingNumber") or not body.get("shippedDate"):
            raise Refusal(400, "ValidationError", "trackingNumber")
        if self.packages[number]["status"] != "Open":
            raise Refusal(409, "PackageIsNotOpen")
        self._record(lines, "shipped", number)
        self.move(number, "InTransit")

    def ask_to_cancel(self, line_id: str, body: Json) -> None:
        """Carry out a merchant's cancellation."""
        line = self._line(line_id)
        if not str(body.get("reasonId") or "").isdecimal():
            raise Refusal(400, "ReasonIdCannotBeEmpty")
        now = self._clock.now()
        self._cancels = [each for each in self._cancels if each > now - _DAY]
        if len(self._cancels) >= CANCELS_A_DAY:
            raise Refusal(406, "DailyCancelLimitExceeded")
        if line_id not in self.open:
            raise Refusal(409, "LineItemIsNotOpen")
        self._cancels.append(now)
        self._record([line], "cancelled", line_id)
        self.cancel(line, "Merchant")

    def add_invoice(self, number: str, body: Json) -> None:
        """Take the address of a package's invoice, once."""
        lines = self._packed(number)
        link = body.get("invoiceLink")
        if not isinstance(link, str) or not link.startswith("https://"):
            raise Refusal(400, "InvoiceLinkIsNotPdf")
        if self.packages[number]["invoice"]:
            raise Refusal(409, "InvoiceAlreadyAdded")
        self.packages[number]["invoice"] = body
        self._truth.note("invoice.linked", id=number, link=link)
        for line in lines:
            line["hasInvoice"] = True
        self._record(lines, "invoice", number, str(body.get("rowNumber") or ""))

    def label(self, number: str, form: str) -> Json:
        """Return the label of a package."""
        self._packed(number)
        package = self.packages[number]
        if package["cargoCompany"] not in ("HepsiJet", "Aras"):
            raise Refusal(400, "102", "Kargo firması desteklenmiyor.")
        text = f"^XA^FD{package['barcode']}^FS^XZ"
        data = {"zpl": text, "pdf": "JVBERi0xLjQKJcOkw7zDtsOf"}.get(form)
        if data is None:
            raise Refusal(400, "400", "format")
        return {"format": form, "data": [data], "hasMerchantMutualBarcode": False}

    def _line(self, line_id: str) -> Json:
        if line_id not in self.lines:
            raise Refusal(404, "LineItemNotFound")
        return self.lines[line_id]

    def _packed(self, number: str) -> list[Json]:
        if number not in self.packages:
            raise Refusal(403, "PackageBelongsToAnotherMerchant")
        lines = self.of_package(number)
        self._check_address(lines)
        return lines

    def _check_address(self, lines: list[Json]) -> None:
        if self.address_changing & {line["orderNumber"] for line in lines}:
            raise Refusal(400, "AddressChange", "Order has an ongoing change address demand")

    def _record(self, lines: list[Json], what: str, number: str, document: str = "") -> None:
        for order in sorted({line["orderNumber"] for line in lines}):
            self.done.append(Held(f"{order} {what}", number, document))
