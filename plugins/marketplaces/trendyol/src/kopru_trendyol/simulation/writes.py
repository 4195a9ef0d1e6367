"""What changes packages: the seller's calls, the panel, buyers and carriers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kopru.testing.simulator import Held
from kopru.testing.truth import Truth
from kopru_trendyol.simulation import make
from kopru_trendyol.simulation.clock import Clock
from kopru_trendyol.simulation.make import Json
from kopru_trendyol.simulation.shelf import Shelf

BEFORE_CARRIER = ("Created", "Picking", "Invoiced")
REASONS = (500, 501, 502, 504, 505, 506)
LABELLED = ("733", "726")
FIRST_NEW_ID = 9_000_000_000

Part = tuple[int, int]
"""Line id and quantity."""


class Refusal(Exception):
    """The call is answered with an error."""

    def __init__(self, status: int, key: str, message: str) -> None:
        """Take the status and the body's key and message."""
        self.status = status
        self.key = key
        self.message = message
        super().__init__(key)


class Writes:
    """Changes packages and keeps account of what the seller's calls did."""

    def __init__(self, shelf: Shelf, clock: Clock, truth: Truth, tell: Callable[[Json], None]) -> None:
        """Take the packages, the clock, the log, and whom to tell of a change."""
        self.done: list[Held] = []
        self.labels: dict[str, str] = {}
        self.split_delay = 0.0
        """Seconds until a split or a partial cancellation shows."""
        self.tracking_allowed = False
        """Whether cargo numbers can be set, as abroad; in Türkiye they cannot."""
        self._shelf = shelf
        self._clock = clock
        self._truth = truth
        self._tell = tell
        self._links: dict[str, int] = {}
        self._later: list[tuple[float, Callable[[], object]]] = []
        self._next_id = FIRST_NEW_ID

    def settle(self) -> None:
        """Do what is due."""
        now = self._clock.now()
        due = [entry for entry in self._later if entry[0] <= now]
        self._later = [entry for entry in self._later if entry[0] > now]
        for _, action in due:
            action()

    def change(self, package_id: int, **fields: Any) -> Json:
        """Store a new version of a package and tell of it."""
        old = self._shelf.live[package_id]
        modified = max(self._clock.now_ms(), old["lastModifiedDate"] + 1)
        package = {**old, **fields, "lastModifiedDate": modified}
        self._truth.note(
            "order.changed",
            id=str(package_id),
            number=package["orderNumber"],
            fields=sorted(fields),
            modified_ms=modified,
        )
        self._shelf.put(package)
        self._tell(package)
        return package

    def set_status(self, package_id: int, status: str, **fields: Any) -> Json:
        """Move a package and its lines to a status."""
        old = self._shelf.live[package_id]
        step = {"createdDate": self._clock.now_ms(), "status": status}
        lines = [{**line, "orderLineItemStatusName": status} for line in old["lines"]]
        history = [*old["packageHistories"], step]
        both = {"status": status, "shipmentPackageStatus": status}
        return self.change(package_id, **both, packageHistories=history, lines=lines, **fields)

    def split(
        self, package_id: int, groups: Sequence[Sequence[Part]], *, created_by: str, later: bool = False
    ) -> tuple[int, ...]:
        """Close a package and open one for each group of its lines; returns the new ids."""
        ids = tuple(range(self._next_id, self._next_id + len(groups)))
        self._next_id += len(groups)
        if later and self.split_delay:
            due = self._clock.now() + self.split_delay
            self._later.append((due, lambda: self._split(package_id, groups, ids, created_by)))
        else:
            self._split(package_id, groups, ids, created_by)
        return ids

    def put_status(self, package_id: int, body: Json) -> None:
        """Carry out a status call; a status that is already reached is refused."""
        package = self._package(package_id)
        status = body.get("status")
        steps = {"Picking": ("Created",), "Invoiced": ("Picking",)}
        if not isinstance(status, str) or status not in steps:
            raise Refusal(400, "status.invalid", "Geçersiz statü.")
        self._parts(package, body)
        if package["status"] not in steps[status]:
            message = f"Paket {package['status']} statüsünde."
            raise Refusal(400, "shipment.package.status.invalid", message)
        fields = {}
        if status == "Invoiced":
            params = body.get("params")
            number = params.get("invoiceNumber") if isinstance(params, dict) else None
            if not isinstance(number, str) or not number:
                raise Refusal(400, "invoice.number.missing", "invoiceNumber zorunludur.")
            fields["invoiceNumber"] = number
        self._record(package, status.lower(), fields.get("invoiceNumber", ""))
        self.set_status(package_id, status, **fields)

    def unsupplied(self, package_id: int, body: Json) -> None:
        """Cancel all or some lines; some close the package and open one for the rest."""
        package = self._package(package_id)
        if body.get("reasonId") not in REASONS:
            raise Refusal(400, "reason.invalid", "Geçersiz reasonId.")
        if package["status"] not in BEFORE_CARRIER:
            raise Refusal(400, "shipment.package.status.invalid", "Paket iptal edilemez.")
        cancelled = self._parts(package, body)
        rest = [
            (line["lineId"], line["quantity"] - cancelled.get(line["lineId"], 0))
            for line in package["lines"]
            if line["quantity"] > cancelled.get(line["lineId"], 0)
        ]
        self._record(package, "cancelled")
        if rest:
            self.split(package_id, [rest], created_by="cancel", later=True)
        else:
            self.set_status(package_id, "UnSupplied")

    def tracking(self, package_id: int, body: Json) -> None:
        """Set the cargo number, where that is still possible."""
        package = self._package(package_id)
        if not self.tracking_allowed:
            raise Refusal(400, "shipment.not.updatable", "Gönderi güncellenemez.")
        number = str(body.get("trackingNumber", ""))
        self._record(package, "tracking")
        self.change(package_id, cargoTrackingNumber=int(number) if number.isdecimal() else number)

    def own_delivery(self, package_id: int, body: Json) -> None:
        """Take the seller's own delivery; the package counts as shipped."""
        package = self._package(package_id)
        info = body.get("trackingInfo")
        if not isinstance(info, str) or not isinstance(body.get("isPhoneNumber"), bool):
            raise Refusal(400, "tracking.info.invalid", "trackingInfo zorunludur.")
        if body["isPhoneNumber"] and not (len(info) == 10 and info.isdecimal() and info[0] == "5"):
            raise Refusal(400, "tracking.info.invalid", "Telefon numarası hatalı.")
        if package["status"] not in BEFORE_CARRIER:
            raise Refusal(400, "shipment.package.status.invalid", "Paket gönderilemez.")
        self._record(package, "shipped")
        self.set_status(package_id, "Shipped", cargoTrackingLink=info)

    def link(self, body: Json) -> None:
        """Store a package's invoice link; each package and each link once."""
        package = self._package(body.get("shipmentPackageId"))
        link = body.get("invoiceLink")
        if not isinstance(link, str) or not link.startswith("http"):
            raise Refusal(400, "invoice.link.invalid", "invoiceLink geçersiz.")
        complete = body.get("invoiceNumber") and body.get("invoiceDateTime")
        if (package["micro"] or package["is4P"]) and not complete:
            raise Refusal(400, "invoice.number.missing", "invoiceNumber ve invoiceDateTime zorunludur.")
        if package["invoiceLink"] or link in self._links:
            raise Refusal(409, "invoice.link.exists", "Bu pakete ait fatura bulunmaktadır.")
        self._links[link] = package["shipmentPackageId"]
        number = body.get("invoiceNumber") or package["invoiceNumber"]
        self._record(package, "invoice_link", number or "", link=link)
        self.change(package["shipmentPackageId"], invoiceLink=link, invoiceNumber=number)

    def unlink(self, body: Json) -> None:
        """Take a package's invoice link away."""
        package = self._package(body.get("serviceSourceId"))
        self._links.pop(package["invoiceLink"] or "", None)
        self.change(package["shipmentPackageId"], invoiceLink=None)

    def make_label(self, tracking: str, body: Json) -> None:
        """Make a parcel's label, where Trendyol makes one."""
        package = self._shelf.of_tracking(tracking)
        if package is None:
            raise Refusal(404, "shipment.not.found", "Gönderi bulunamadı.")
        if body.get("format") != "ZPL":
            raise Refusal(400, "format.invalid", "Yalnız ZPL desteklenir.")
        if not tracking.startswith(LABELLED) or package.get("whoPays") == 1:
            raise Refusal(400, "common.label.not.supported", "Bu kargo için ortak etiket oluşturulamaz.")
        if package["status"] not in ("Picking", "Invoiced"):
            raise Refusal(400, "shipment.package.status.invalid", "Paket hazırlanıyor statüsünde olmalıdır.")
        self._truth.note("label.made", reference=tracking)
        self.labels[tracking] = f"^XA^FO50,50^BCN,100^FD{tracking}^FS^XZ"

    def _package(self, package_id: object) -> Json:
        package = self._shelf.live.get(package_id) if isinstance(package_id, int) else None
        if package is None:
            raise Refusal(404, "shipment.package.not.found", "Paket bulunamadı.")
        return package

    def _parts(self, package: Json, body: Json) -> Mapping[int, int]:
        lines = body.get("lines")
        if not isinstance(lines, list) or not lines or not all(isinstance(line, dict) for line in lines):
            raise Refusal(400, "lines.empty", "lines zorunludur.")
        held = {line["lineId"]: line["quantity"] for line in package["lines"]}
        parts = {line.get("lineId"): line.get("quantity") for line in lines}
        for line, quantity in parts.items():
            if not isinstance(quantity, int) or not 1 <= quantity <= held.get(line, 0):
                raise Refusal(400, "line.invalid", "Satır ya da adet hatalı.")
        return parts

    def _split(
        self, package_id: int, groups: Sequence[Sequence[Part]], ids: Sequence[int], created_by: str
    ) -> None:
        old = self._shelf.live[package_id]
        taken: dict[int, int] = {}
        for new_id, group in zip(ids, groups, strict=True):
            lines = []
            for line_id, quantity in group:
                line = next(line for line in old["lines"] if line["lineId"] == line_id)
                lines.append(make.part_of(line, quantity, skip=taken.get(line_id, 0)))
                taken[line_id] = taken.get(line_id, 0) + quantity
            self._open(old, new_id, lines, created_by)
        self.set_status(package_id, "UnPacked")

    def _open(self, old: Json, new_id: int, lines: list[Json], created_by: str) -> None:
        now = self._clock.now_ms()
        package = {
            **old,
            **make.totals(lines),
            "shipmentPackageId": new_id,
            "lines": lines,
            "createdBy": created_by,
            "originPackageIds": [old["shipmentPackageId"]],
            "cargoTrackingNumber": 7_330_000_000_000_000 + new_id,
            "lastModifiedDate": now,
            "packageHistories": [{"createdDate": now, "status": old["status"]}],
            "invoiceLink": None,
            "invoiceNumber": None,
        }
        self._truth.note(
            "order.committed",
            id=str(new_id),
            number=package["orderNumber"],
            total=str(package["packageTotalPrice"]),
            status=package["status"],
            modified_ms=now,
            parents=[str(old["shipmentPackageId"])],
        )
        self._shelf.put(package)
        self._tell(package)

    def _record(self, package: Json, action: str, number: str = "", **more: str) -> None:
        package_id = str(package["shipmentPackageId"])
        reference = f"{package_id}:{action}"
        self._truth.note(
            "status.updated", id=package_id, reference=reference, action=action, number=number, **more
        )
        self.done.append(Held(reference, package_id, number))
