"""Uyumsoft's operations, one method each. No state, no retry loop, no meaning: that is mapping's work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kopru.sdk import AuthError, Ctx, DocumentFormat, Rejected
from kopru.toolkit import dates, soap
from kopru_uyumsoft.codes import DOWNLOADS, Side
from kopru_uyumsoft.config import UyumsoftConfig
from kopru_uyumsoft.errors import REFUSALS, explain, opened
from kopru_uyumsoft.texts import TEXTS

_TEST = "TestConnection"


@dataclass(frozen=True, slots=True)
class Client:
    """Calls the account of one connection and returns the ``Value`` of each answer.

    Reads raise ``TransientError`` when an answer cannot be read, writes ``OutcomeUnknown``. A refusal is
    ``Rejected`` with a code of ``REFUSALS``, or ``AuthError`` when Uyumsoft refuses the login as well.
    """

    ctx: Ctx[UyumsoftConfig]

    def test_connection(self) -> None:
        """Try the login.

        Raises:
            AuthError: it was refused; there is nothing else in this call that Uyumsoft could refuse.
        """
        try:
            accepted = self._call(_TEST, {})
        except Rejected as error:
            if error.code not in REFUSALS:
                raise
            raise _login_refused(error.detail) from error
        if accepted is False:
            raise _login_refused("")

    def who_am_i(self) -> Any:
        """Return user, company and services of the login."""
        return self._ask("WhoAmI")

    def is_user(self, tax_number: str) -> Any:
        """Return whether a tax number is registered for e-invoices."""
        return self._ask("IsEInvoiceUser", vknTckn=tax_number)

    def aliases(self, tax_number: str) -> Any:
        """Return the mailboxes of a registered tax number."""
        return self._ask("GetUserAliasses", vknTckn=tax_number)

    def documents(self, side: Side, query: Mapping[str, Any]) -> Any:
        """Return a page of a box."""
        newest = {"OnlyNewestInvoices": False} if side is Side.INCOMING else {}
        return self._ask(f"Get{side.box}InvoiceList", query={**newest, **query})

    def statuses(self, ettns: Sequence[str]) -> Any:
        """Return the state of each sent document that Uyumsoft knows."""
        return self._ask("QueryOutboxInvoiceStatus", invoiceIds={"string": list(ettns)})

    def logs(self, ettns: Sequence[str]) -> Any:
        """Return the same with GİB's envelope code and the log of each document."""
        return self._ask("GetOutboxInvoiceStatusWithLogs", invoiceIds={"string": list(ettns)})

    def download(self, side: Side, ettn: str, form: DocumentFormat) -> Any:
        """Return a document as Uyumsoft wraps it."""
        return self._ask(f"Get{side.box}Invoice{DOWNLOADS[form]}", invoiceId=ettn)

    def send(self, document: Mapping[str, Any]) -> Any:
        """Hand one document over; the answer names ETTN and number."""
        return self._ask("SendInvoice", write=True, invoices={"InvoiceInfo": [dict(document)]})

    def cancel(self, ettn: str, at: datetime) -> Any:
        """Cancel an e-Arşiv invoice."""
        request = {"InvoiceId": ettn, "CancelDate": at.astimezone(dates.ISTANBUL)}
        return self._ask("CancelEArchiveInvoice", write=True, request=request)

    def _ask(self, operation: str, *, write: bool = False, **arguments: Any) -> Any:
        try:
            return self._call(operation, arguments, write=write)
        except Rejected as error:
            if error.code in REFUSALS:
                # Refusals carry words alone, and a wrong login is refused like a wrong document.
                self.test_connection()
            raise

    def _call(self, operation: str, arguments: Mapping[str, Any], *, write: bool = False) -> Any:
        config = self.ctx.config
        basic = config.interface == "basic"
        login = soap.UsernameToken(config.username, config.password, self.ctx.now())
        user = {"Username": config.username, "Password": config.password.get_secret_value()}
        answer = soap.call(
            self.ctx,
            soap.Service(config.service_url, config.description_url),
            operation,
            {"userInfo": user, **arguments} if basic else arguments,
            login=None if basic else login,
            explain=explain,
            write=write,
            timeout=config.request_timeout,
        )
        return opened(answer, write=write)


def _login_refused(detail: str) -> AuthError:
    return AuthError("uyumsoft.login_refused", TEXTS["uyumsoft.login_refused"], detail=detail)
