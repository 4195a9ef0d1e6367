"""The REST service's addresses. Holds nothing but the context of one call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from kopru.sdk import (
    ConfigError,
    Credentials,
    Ctx,
    OutcomeUnknown,
    Rejected,
    Response,
    TransientError,
    Unsupported,
)
from kopru.toolkit import auth, rows, validation
from kopru_logo import errors
from kopru_logo.codes import PAGE_CAP
from kopru_logo.config import LogoConfig, TokenBody
from kopru_logo.texts import TEXTS

Context = Ctx[LogoConfig]
Body = dict[str, Any]

NOT_FOUND = "http.not_found"
"""Code of the transport's refusal for an unknown record."""


@dataclass(frozen=True, slots=True)
class Client:
    """One Logo installation, seen through a hook's context. Raises what ``ctx.http`` raises."""

    ctx: Context
    credentials: Credentials | None = None
    """Used instead of the context's when a check logs in by itself."""

    @property
    def config(self) -> LogoConfig:
        """Return the connection's settings."""
        return self.ctx.config

    def login(self) -> Credentials:
        """Open a session for the configured firm. Each one occupies a licence seat until it ends.

        Raises:
            AuthError: user, password or client were refused.
            RateLimited: no licence seat is free.
            ConfigError: the service opened another firm.
        """
        fields = {
            "grant_type": "password",
            "username": self.config.username,
            "firmno": str(self.config.firm),
            "password": self.config.password.get_secret_value(),
        }
        headers = {"accept": "application/json"}
        if self.config.client_id:
            headers |= auth.basic(self.config.client_id, self.config.client_secret or "")
        response = self._token(fields, headers)
        answer = self._answer(response, write=False)
        firm = rows.integer(answer, "firmNo", self.config.firm) if isinstance(answer, dict) else None
        if firm is not None and firm != self.config.firm:
            text = TEXTS.text("logo.login.firm", wanted=self.config.firm, got=firm)
            raise ConfigError("logo.login.firm", text, field="firm")
        granted = auth.granted(response, self.ctx.now())
        return replace(granted, refresh_token=None)  # a session is renewed by user and password

    def logout(self) -> None:
        """End the session and free its licence seat."""
        self.method("revoke")

    def method(self, name: str) -> Any:
        """Return the answer of a parameterless service method."""
        return self._read(f"/methods/{name}")

    def query(self, statement: str) -> list[Any]:
        """Run one SELECT and return its rows.

        Raises:
            Unsupported: the settings say that the query door is closed.
        """
        if not self.config.sql_door:
            raise Unsupported("logo.sql_closed", TEXTS["logo.sql_closed"])
        return self._items(self._read(f"/{self.config.sql_path}", {"tsql": statement}))

    def page(
        self, resource: str, *, offset: int = 0, limit: int = PAGE_CAP, where: str = "", full: bool = False
    ) -> list[Any]:
        """Return some records of a resource; Logo never gives more than 25 at once."""
        params: dict[str, str | int] = {"offset": offset, "limit": min(limit, PAGE_CAP)}
        if where:
            params["q"] = where
        if full:
            params["expandLevel"] = "full"
        return self._items(self._read(f"/{resource}", params))

    def read(self, resource: str, ref: int) -> Body:
        """Return one record with all its lines.

        Raises:
            Rejected: ``http.not_found``.
        """
        answer = self._read(f"/{resource}/{ref}", {"expandLevel": "full"})
        if not isinstance(answer, dict):
            raise TransientError("logo.answer", TEXTS["logo.answer"])
        return answer

    def create(self, resource: str, body: Body) -> Body:
        """Store a new record and return what Logo stored; some installations answer the reference only."""
        return self._saved(self._write("POST", f"/{resource}", body))

    def replace(self, resource: str, ref: int, body: Body) -> Body:
        """Replace a whole record and return what Logo stored."""
        return self._saved(self._write("PUT", f"/{resource}/{ref}", body))

    def delete(self, resource: str, ref: int) -> None:
        """Delete a record.

        Raises:
            Rejected: ``http.not_found``, or Logo does not allow it.
        """
        self._write("DELETE", f"/{resource}/{ref}", None)

    def _token(self, fields: Mapping[str, str], headers: dict[str, str]) -> Response:
        kind = self.config.token_body
        form, content = (fields, None) if kind is TokenBody.FORM else (None, _encoded(fields, kind))
        if content is not None:
            headers["content-type"] = kind.value
        return self.ctx.http.request(
            "POST",
            "/token",
            form=form,
            content=content,
            headers=headers,
            safe=True,
            explain=errors.explain_login,
        )

    def _headers(self) -> dict[str, str]:
        bearer = auth.of_credentials(self.credentials or self.ctx.credentials)
        return {"accept": "application/json", **bearer}

    def _read(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        response = self.ctx.http.request(
            "GET", path, params=params, headers=self._headers(), explain=errors.explain_read
        )
        return self._answer(response, write=False)

    def _write(self, method: str, path: str, body: Body | None) -> Response:
        return self.ctx.http.request(
            method,
            path,
            json=body,
            headers=self._headers(),
            explain=errors.explain_write,
            timeout=self.config.write_timeout,
        )

    def _saved(self, response: Response) -> Body:
        answer = self._answer(response, write=True)
        if isinstance(answer, dict):
            return answer
        if isinstance(answer, int | str) and str(answer).isdigit():
            return {"INTERNAL_REFERENCE": int(answer)}
        raise OutcomeUnknown("logo.answer", TEXTS["logo.answer"])

    def _answer(self, response: Response, *, write: bool) -> Any:
        try:
            return validation.read_json(response.content, replace=not write)
        except Rejected as error:
            kind = OutcomeUnknown if write else TransientError
            raise kind("logo.answer", TEXTS["logo.answer"], detail=error.detail) from error

    def _items(self, answer: Any) -> list[Any]:
        items = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(items, list):
            raise TransientError("logo.answer", TEXTS["logo.answer"])
        return items


def quoted(value: str) -> str:
    """Return a text for the query language of lists, which documents no way to write a quotation mark.

    Raises:
        Rejected: ``logo.query.text`` for a text that cannot be written.
    """
    if "'" in value or "*" in value or not value.isprintable():
        raise Rejected("logo.query.text", TEXTS["logo.query.text"], detail=repr(value[:100]))
    return f"'{value}'"


def _encoded(fields: Mapping[str, str], kind: TokenBody) -> bytes:
    text = json.dumps(dict(fields), ensure_ascii=False) if kind is TokenBody.JSON else urlencode(fields)
    return text.encode()
