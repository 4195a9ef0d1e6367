"""Hepsiburada's endpoints, one method each. Holds nothing but the hook's context."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from kopru.sdk import Ctx, Explain, OutcomeUnknown, RateLimited, Raw, Rejected, Response, TransientError
from kopru.toolkit import auth, dates, records
from kopru.toolkit.records import Item
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.errors import explain, explain_invoice, reason
from kopru_hepsiburada.payload import folded
from kopru_hepsiburada.texts import TEXTS

Json = dict[str, Any]
Params = Mapping[str, str | int]

LINE_PAGE = 100
STATUS_PAGE = 50
PACKAGE_PAGE = 10
CLAIM_PAGE = 50
LISTING_SKUS = 50
"""Listings looked up in one call; the length of the address bounds it."""

PACKAGE_SPAN = timedelta(hours=24)
"""The longest stretch the package list answers; what is asked beyond it is left out without a word."""

_MINUTE = timedelta(minutes=1)
_QUEUE_FULL = "too many ongoing"
_QUEUE_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; ``total`` is how many rows there are in all, where the list tells."""

    items: tuple[Item, ...]
    total: int | None = None


def local_minute(moment: datetime) -> str:
    """Return a moment the way filters want it, in Turkish local time; ISO 8601 would match nothing."""
    return moment.astimezone(dates.ISTANBUL).strftime("%Y-%m-%d %H:%M")


def minute_after(moment: datetime) -> str:
    """Return the minute that ends after a moment, as filters know no seconds."""
    return local_minute(moment + _MINUTE)


@dataclass(frozen=True, slots=True)
class Client:
    """Calls Hepsiburada for one connection."""

    ctx: Ctx[HepsiburadaConfig]
    username: str = ""
    """Used instead of the settings' own when the connection check tries another one."""

    @property
    def config(self) -> HepsiburadaConfig:
        """Return the connection's settings."""
        return self.ctx.config

    def open_lines(self, since: datetime, until: datetime, offset: int, limit: int) -> Listing:
        """Return order lines that are in no package yet."""
        params = {"begindate": local_minute(since), "enddate": minute_after(until)}
        return self._list(self._of("orders"), {**params, "offset": offset, "limit": limit}, ("items",))

    def packages(self, since: datetime, until: datetime, offset: int, limit: int) -> Listing:
        """Return packages made in a stretch of at most 24 hours; ``Offset`` is spelt as the server does."""
        params = {"begindate": local_minute(since), "enddate": local_minute(until)}
        return self._list(self._of("packages"), {**params, "Offset": offset, "limit": limit}, ())

    def with_status(self, status: str, offset: int, limit: int) -> Listing:
        """Return rows of the last month: ``cancelled`` lines, or packages by another status. No dates."""
        path = self._of("orders" if status == "cancelled" else "packages", status)
        return self._list(path, {"offset": offset, "limit": limit}, ("items",))

    def order(self, number: str) -> Raw | None:
        """Return an order with all its lines as it was written, or ``None`` when it is not known."""
        path = self._of("orders", "ordernumber", number)
        response = self._call("GET", path, accept=(404,))
        if response.status == 404:
            return None
        return Raw(response.content)

    def claims(self, since: datetime, until: datetime, offset: int, limit: int) -> Listing:
        """Return claims by the date of their last status or, if the settings say so, of their opening."""
        prefix = "statusBegin", "statusEnd"
        names = prefix if self.config.claims_by_status_date else ("begin", "end")
        params = {f"{names[0]}Date": local_minute(since), f"{names[1]}Date": minute_after(until)}
        path = f"/claims/merchantId/{self.config.merchant_id}"
        return self._list(path, {**params, "offset": offset, "limit": limit}, ("items",))

    def packageable_with(self, line: str) -> frozenset[str]:
        """Return the lines that may share a package with an open line."""
        path = self._of("lineitems", "packageablewith", "lineitemid", line)
        response = self._call("GET", path, accept=(404,))
        if response.status == 404:
            return frozenset()
        data = folded(self._data(response))
        rows = data.get("items") if isinstance(data, dict) else data
        rows = rows if isinstance(rows, list) else []
        ids = (row.get("id") or row.get("lineitemid") if isinstance(row, dict) else row for row in rows)
        return frozenset(each for each in ids if isinstance(each, str))

    def make_package(self, body: Json) -> None:
        """Put lines into a package."""
        self._call("POST", self._of("packages"), json=body)

    def unpack(self, package: str) -> None:
        """Take a package apart; its lines are open again."""
        self._call("POST", self._package(package, "unpack"))

    def ship(self, package: str, body: Json) -> None:
        """Tell that the merchant's own carrier has a package."""
        self._call("POST", self._package(package, "intransit"), json=body)

    def cancel(self, line: str, reason_id: str) -> None:
        """Cancel an open line at the merchant's cost."""
        path = self._of("lineitems", "id", line, "cancelbymerchant")
        self._call("POST", path, json={"reasonId": reason_id})

    def send_invoice(self, package: str, body: Json) -> None:
        """Give the address of a package's invoice.

        Raises:
            Conflict: the package has one.
        """
        self._call("PUT", self._package(package, "invoice"), json=body, explain_with=explain_invoice)

    def label(self, package: str, form: str) -> Any:
        """Return the label of a package, keys in lower case."""
        response = self._call("GET", self._package(package, "labels"), params={"format": form})
        return folded(self._data(response))

    def listings(self, offset: int, limit: int, skus: Sequence[str] = ()) -> Listing:
        """Return listings, all or those of some merchant SKUs. This server takes lower-case paths only."""
        params: dict[str, str | int] = {"offset": offset, "limit": limit}
        params |= {"merchantSkuList": ",".join(skus)} if skus else {}
        return self._list(self._listings(), params, ("listings",))

    def upload(self, kind: str, rows: list[Json]) -> str:
        """Upload stock or prices and return the upload's id.

        Raises:
            RateLimited: five uploads are waiting; the answer says so with status 200.
            OutcomeUnknown: it was answered, but not with an id.
        """
        response = self._call("POST", self._listings(kind), json=rows)
        try:
            data = folded(response.json())
            identity = data.get("id") if isinstance(data, dict) else None
        except (ValueError, ArithmeticError, RecursionError):
            identity = None
        if isinstance(identity, str) and 0 < len(identity) <= 100:
            return identity
        words = reason(response)
        if _QUEUE_FULL in words.lower():
            code = "hepsiburada.upload.queue_full"
            raise RateLimited(code, TEXTS[code], retry_after=_QUEUE_PAUSE, detail=words)
        raise OutcomeUnknown("hepsiburada.answer", TEXTS["hepsiburada.answer"], detail=words or "id")

    def upload_result(self, kind: str, identity: str) -> Any:
        """Return what became of an upload, keys in lower case; ``None`` when it is not known."""
        response = self._call("GET", self._listings(kind, "id", identity), accept=(404,))
        return None if response.status == 404 else folded(self._data(response))

    def _of(self, kind: str, *parts: str) -> str:
        tail = "".join(f"/{quote(part, safe='')}" for part in parts)
        return f"/{kind}/merchantid/{self.config.merchant_id}{tail}"

    def _package(self, package: str, action: str) -> str:
        return self._of("packages", "packagenumber", package, action)

    def _listings(self, *parts: str) -> str:
        return self.config.listing + self._of("listings", *parts)

    def _headers(self) -> dict[str, str]:
        return {
            **auth.basic(self.username or self.config.username, self.config.service_key),
            "user-agent": self.config.user_agent,
            "accept": "application/json",
            # Kept for a week by Hepsiburada; its support asks for it.
            "x-correlation-id": str(uuid4()),
        }

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        accept: Collection[int] = (),
        explain_with: Explain = explain,
    ) -> Response:
        return self.ctx.http.request(
            method,
            path,
            params=dict(params) if params else None,
            headers=self._headers(),
            json=json,
            accept=accept,
            explain=explain_with,
        )

    def _list(self, path: str, params: Params, field: tuple[str, ...]) -> Listing:
        response = self._call("GET", path, params=params)
        answer = read_list(response.content, field)
        if answer is None:
            raise malformed("no list of records")
        return answer

    def _data(self, response: Response) -> Any:
        try:
            return response.json()
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise malformed(str(error)) from error


def read_list(content: bytes, field: tuple[str, ...]) -> Listing | None:
    """Return the rows of an answer: a bare list, the named field, ``items``, ``data`` or ``data.claims``."""
    try:
        if content.lstrip()[:1] == b"[":
            return Listing(records.read(content).items or ())
        for path in dict.fromkeys((field, ("items",), ("Items",), ("data",), ("data", "claims"))):
            answer = records.read(content, path) if path else None
            if answer is not None and answer.items is not None:
                return Listing(answer.items, _total(answer.data))
    except Rejected as error:
        raise malformed(error.detail or error.message.en) from error
    return None


def malformed(detail: str) -> TransientError:
    """Return the error of an answer to a read that has another shape than documented."""
    return TransientError("hepsiburada.answer", TEXTS["hepsiburada.answer"], detail=detail[:200])


def _total(data: Any) -> int | None:
    value = folded(data).get("totalcount") if isinstance(data, dict) else None
    return value if type(value) is int and value >= 0 else None
