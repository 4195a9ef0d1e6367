"""Nilvera's addresses, one method each. No state, no retry loop, no meaning: that is mapping's work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kopru.model import ExternalRef
from kopru.sdk import Ctx, DocumentFormat, Explain, OutcomeUnknown, Rejected, Response, TransientError
from kopru.toolkit import auth, validation
from kopru_nilvera.codes import Side
from kopru_nilvera.config import NilveraConfig
from kopru_nilvera.errors import explain, explain_for
from kopru_nilvera.texts import TEXTS

Params = Mapping[str, str | int | list[str]]


@dataclass(frozen=True, slots=True)
class Client:
    """Calls the account of one connection.

    Reads raise ``TransientError`` when an answer cannot be read, writes ``OutcomeUnknown``.
    """

    ctx: Ctx[NilveraConfig]

    def company(self) -> Any:
        """Return the company the key belongs to."""
        return self._read("/general/Company")

    def credits(self) -> Any:
        """Return the credit packages of the company."""
        return self._read("/general/Credits")

    def registrations(self, tax_number: str) -> Any:
        """Return the e-invoice mailboxes of a tax number; an empty list when it is not registered."""
        path = f"/general/GlobalCompany/Check/TaxNumber/{tax_number}"
        return self._read(path, {"globalUserType": "Invoice"})

    def series(self, side: Side, page: int) -> Any:
        """Return a page of the number series of a side."""
        return self._read(f"{side.module}/Series", {"Page": page, "PageSize": self.ctx.config.page_size})

    def templates(self, side: Side, page: int) -> Any:
        """Return a page of the view templates of a side."""
        return self._read(f"{side.module}/Templates", {"Page": page, "PageSize": self.ctx.config.page_size})

    def documents(self, side: Side, params: Params) -> Any:
        """Return a page of a side's documents."""
        return self._read(side.documents, params)

    def status(self, side: Side, ettn: str) -> Any:
        """Return the state of a document."""
        return self._read(f"{side.documents}/{ettn}/Status")

    def details(self, side: Side, ettn: str) -> Any:
        """Return number, dates and counts of a document."""
        return self._read(f"{side.documents}/{ettn}/Details")

    def download(self, side: Side, ettn: str, form: DocumentFormat) -> bytes:
        """Return a document's bytes as Nilvera wraps them."""
        return self._call("GET", f"{side.documents}/{ettn}/{form.value}").content

    def send(self, side: Side, ref: ExternalRef, content: bytes, *, alias: str, template: str) -> Any:
        """Hand a UBL document over; the answer names ETTN and number."""
        params = {"Alias": alias, "TemplateUUID": template}
        response = self._call(
            "POST",
            f"{side.module}/Send/Xml",
            params={name: value for name, value in params.items() if value},
            files={"file": (f"{ref.id}.xml", content, "application/xml")},
            explain=explain_for(ref),
        )
        try:
            return validation.read_json(response.content)
        except Rejected as error:
            raise OutcomeUnknown(
                "nilvera.answer.malformed", TEXTS["nilvera.answer.malformed"], detail=error.code
            ) from error

    def add_series(self, side: Side, name: str) -> None:
        """Define a number series."""
        self._call("POST", f"{side.module}/Series", json={"Name": name, "IsActive": True, "IsDefault": False})

    def cancel(self, ettn: str) -> None:
        """Cancel an e-Arşiv invoice."""
        self._call("PUT", f"{Side.E_ARCHIVE.documents}/{ettn}/Cancel")

    def _read(self, path: str, params: Params | None = None) -> Any:
        response = self._call("GET", path, params=params)
        try:
            return validation.read_json(response.content, replace=True)
        except Rejected as error:
            raise TransientError(
                "nilvera.answer.malformed", TEXTS["nilvera.answer.malformed"], detail=error.code
            ) from error

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        explain: Explain = explain,
    ) -> Response:
        return self.ctx.http.request(
            method,
            path,
            params=params,
            headers={"accept": "application/json", **auth.bearer(self.ctx.config.api_key)},
            json=json,
            files=files,
            explain=explain,
            timeout=self.ctx.config.request_timeout,
        )
