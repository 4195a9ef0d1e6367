"""Trendyol's endpoints, one method each. Holds nothing but the hook's context."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from kopru.sdk import Ctx, Explain, OutcomeUnknown, Response, TransientError
from kopru.toolkit import auth
from kopru_trendyol import payload
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.errors import explain, explain_stream
from kopru_trendyol.payload import Payload
from kopru_trendyol.texts import TEXTS

Params = Mapping[str, str | int]

ORDER_PAGE = 200
CLAIM_PAGE = 200
PRODUCT_PAGE = 100
CAP = 10_000
"""The most rows one order or product query lets us page through."""


@dataclass(frozen=True, slots=True)
class Client:
    """Calls Trendyol for one connection."""

    ctx: Ctx[TrendyolConfig]

    def stream(self, since: int, until: int, size: int, cursor: str) -> Payload:
        """Return one page of packages by time of change, the newest first. Times are epoch milliseconds.

        Raises:
            CursorExpired: Trendyol no longer knows the cursor.
        """
        params: dict[str, str | int] = {
            "lastModifiedStartDate": since,
            "lastModifiedEndDate": until,
            "size": size,
        }
        if cursor:
            params["nextCursor"] = cursor
        path = self._path(self.ctx.config.paths.order_stream)
        return self._list(path, params, explain_with=explain_stream if cursor else explain)

    def orders(self, params: Params) -> Payload:
        """Return one page of the order list (V2)."""
        return self._list(self._path(self.ctx.config.paths.order_list), params)

    def claims(self, params: Params, *, accept: Collection[int] = ()) -> tuple[Response, Payload]:
        """Return one page of claims, with the answer itself because an empty result may come as 404."""
        path = self._path(self.ctx.config.paths.claims)
        response = self._call("GET", path, params=params, accept=accept)
        return response, Payload(()) if response.status in accept else self._read(response)

    def products(self, params: Params) -> Payload:
        """Return one page of approved products."""
        return self._list(self._path(self.ctx.config.paths.products), params)

    def set_status(self, package: str, body: Mapping[str, Any]) -> None:
        """Set a package's status."""
        self._call("PUT", self._path(self.ctx.config.paths.package, package=package), json=body)

    def cancel(self, package: str, body: Mapping[str, Any]) -> None:
        """Declare lines of a package not suppliable."""
        self._call("PUT", self._path(self.ctx.config.paths.unsupplied, package=package), json=body)

    def set_tracking(self, package: str, tracking_number: str) -> None:
        """Tell the cargo number of a package."""
        path = self._path(self.ctx.config.paths.tracking, package=package)
        self._call("PUT", path, json={"trackingNumber": tracking_number})

    def deliver_ourselves(self, package: str, body: Mapping[str, Any]) -> None:
        """Tell that the seller delivers without Trendyol's carriers."""
        self._call("PUT", self._path(self.ctx.config.paths.own_delivery, package=package), json=body)

    def send_link(self, body: Mapping[str, Any]) -> None:
        """Give Trendyol the link of a package's invoice."""
        self._call("POST", self._path(self.ctx.config.paths.invoice_link), json=body)

    def label(self, tracking_number: str) -> Any:
        """Return the label data of a parcel, or ``None`` when it is not made yet."""
        path = self._path(self.ctx.config.paths.label, tracking=tracking_number)
        response = self._call("GET", path, accept=(404,))
        return None if response.status == 404 else self._data(response)

    def make_label(self, tracking_number: str, body: Mapping[str, Any]) -> None:
        """Have the label of a parcel made."""
        path = self._path(self.ctx.config.paths.label, tracking=tracking_number)
        self._call("POST", path, json=body)

    def push(self, items: list[dict[str, Any]]) -> str:
        """Send stock or prices and return the id of the batch.

        Raises:
            OutcomeUnknown: Trendyol answered, but not with the id.
        """
        path = self._path(self.ctx.config.paths.stock_and_price)
        response = self._call("POST", path, json={"items": items})
        try:
            batch = response.json()["batchRequestId"]
        except (ValueError, ArithmeticError, LookupError, TypeError, RecursionError) as error:
            raise OutcomeUnknown("trendyol.answer.malformed", detail=str(error)[:200]) from error
        if not isinstance(batch, str) or not 0 < len(batch) <= 200:
            raise OutcomeUnknown("trendyol.answer.malformed", detail="batchRequestId")
        return batch

    def batch(self, batch: str) -> Any:
        """Return the outcome of a batch, or ``None`` when Trendyol does not know it any more."""
        response = self._call("GET", self._path(self.ctx.config.paths.batch, batch=batch), accept=(404,))
        return None if response.status == 404 else self._data(response)

    def _path(self, template: str, **places: str) -> str:
        quoted = {name: quote(value, safe="") for name, value in places.items()}
        return template.format(**{"seller": self.ctx.config.seller_id, **quoted})

    def _headers(self) -> dict[str, str]:
        config = self.ctx.config
        headers = {
            **auth.basic(config.api_key.get_secret_value(), config.api_secret),
            "user-agent": f"{config.seller_id} - {config.integrator_name}",
            "accept": "application/json",
        }
        if config.store_front_code:
            headers["storeFrontCode"] = config.store_front_code
        return headers

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

    def _list(self, path: str, params: Params, *, explain_with: Explain = explain) -> Payload:
        return self._read(self._call("GET", path, params=params, explain_with=explain_with))

    def _read(self, response: Response) -> Payload:
        try:
            found = payload.read(response.content)
        except ValueError as error:
            raise _malformed(str(error)) from error
        if not found.enveloped:
            raise _malformed("no list of records")
        return found

    def _data(self, response: Response) -> Any:
        try:
            return response.json()
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise _malformed(str(error)) from error


def _malformed(detail: str) -> TransientError:
    return TransientError(
        "trendyol.answer.malformed", TEXTS["trendyol.answer.malformed"], detail=detail[:200]
    )
