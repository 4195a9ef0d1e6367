"""The service's methods. Holds nothing but the context of one call; each call logs in by itself."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from kopru.sdk import AuthError, Ctx, Rejected, Response, Unsupported
from kopru.toolkit import dates, rows, tsql, validation
from kopru.toolkit.rows import Row
from kopru_mikro import errors
from kopru_mikro.codes import ONLY_V17, READS, WRITES, Version
from kopru_mikro.config import MikroConfig
from kopru_mikro.sql import Query
from kopru_mikro.texts import TEXTS

Context = Ctx[MikroConfig]
Body = dict[str, Any]

_CLOCK_SLACK = timedelta(minutes=10)
"""How far the service's clock may be from ours around midnight."""


def daily_hash(password: str, day: date) -> str:
    """Return what is sent as ``Sifre``: the MD5 of day, blank and password, valid on that day only."""
    return hashlib.md5(f"{day.isoformat()} {password}".encode(), usedforsecurity=False).hexdigest()


def likely_days(now: datetime) -> Iterator[date]:
    """Yield the day a login is valid for, and near midnight the neighbour the service's clock may show."""
    today = dates.local_date(now)
    yield today
    for near in (now - _CLOCK_SLACK, now + _CLOCK_SLACK):
        if dates.local_date(near) != today:
            yield dates.local_date(near)


@dataclass(frozen=True, slots=True)
class Client:
    """One firm of a Mikro service, seen through a hook's context. Raises what ``ctx.http`` raises."""

    ctx: Context

    @property
    def config(self) -> MikroConfig:
        """Return the connection's settings."""
        return self.ctx.config

    @property
    def today(self) -> date:
        """Return the day it is in Türkiye."""
        return dates.local_date(self.ctx.now())

    def health(self) -> Response:
        """Ask whether the service is up; needs no login."""
        return self.ctx.http.request("GET", f"{self.config.api_path}/HealthCheck", explain=errors.explain)

    def read(self, method: str, filters: Mapping[str, Any] | None = None) -> Any:
        """Call a method that only reads and return its data; filters stand beside the credentials.

        Raises:
            Unsupported: this version of the service has no such method.
        """
        if method not in READS:
            raise ValueError(f"{method} does not read")
        return self._called(
            method, lambda login: {"Mikro": login, **(filters or {})}, self.today, write=False
        )

    def write(self, method: str, payload: Mapping[str, Sequence[Any]], day: date) -> None:
        """Call a method that stores or deletes; the payload stands among the credentials.

        What the answer carries is not documented, so nothing is returned: read back what was written.

        Args:
            method: the method's name.
            payload: the arrays it takes.
            day: the document's day; its year is the working year of the login.
        """
        if method not in WRITES:
            raise ValueError(f"{method} does not write")
        self._called(method, lambda login: {"Mikro": {**login, **payload}}, day, write=True)

    def query(self, query: Query) -> list[Row]:
        """Run one SELECT and return its rows.

        Raises:
            Unsupported: ``mikro.no_sql`` when rows cannot be read by SELECT here.
            TransientError: the answer is not a list of rows; it is never taken for an empty one.
        """
        if not self.config.has_sql:
            raise Unsupported("mikro.no_sql", TEXTS["mikro.no_sql"])
        statement = tsql.render(query.text, query.values)
        data = self.read("SqlVeriOkuV2", {"SQLSorgu": statement})
        return _rows(data)

    def count(self, query: Query) -> int:
        """Return the one number of a counting statement; an empty answer is not taken for zero."""
        found = self.query(query)
        try:
            if len(found) != 1 or rows.number(found[0], "adet") is None:
                raise ValueError("expected one row with a number")
            return rows.integer(found[0], "adet")
        except ValueError as error:
            raise errors.unreadable(str(error)) from error

    def _called(self, method: str, body: Any, day: date, *, write: bool) -> Any:
        if method in ONLY_V17 and self.config.version is Version.V16:
            raise Unsupported("mikro.no_sql", TEXTS["mikro.no_sql"])
        first, *others = likely_days(self.ctx.now())
        try:
            return self._posted(method, body(self._login(first, day)), write=write)
        except AuthError:
            if not others:
                raise
        return self._posted(method, body(self._login(others[0], day)), write=write)

    def _posted(self, method: str, body: Body, *, write: bool) -> Any:
        response = self.ctx.http.request(
            "POST",
            f"{self.config.api_path}/{method}",
            json=body,
            safe=not write,
            explain=errors.explain,
            timeout=self.config.write_timeout if write else self.config.read_timeout,
        )
        try:
            answer = validation.read_json(response.content, replace=not write)
        except Rejected as error:
            raise errors.unreadable(error.detail, write=write) from error
        return errors.data_of(answer, write=write)

    def _login(self, valid_on: date, day: date) -> Body:
        config = self.config
        return {
            "FirmaKodu": config.firm_code,
            "CalismaYili": config.working_year or day.year,
            "KullaniciKodu": config.username,
            "Sifre": daily_hash(config.password.get_secret_value(), valid_on),
            "ApiKey": config.api_key.get_secret_value(),
            "FirmaNo": config.firm_number,
            "SubeNo": config.branch,
        }


def _rows(data: Any) -> list[Row]:
    """Return the rows of ``Data[0].SQLResult1``. An explicitly empty ``Data`` holds none."""
    if data == []:
        return []
    first = data[0] if isinstance(data, list) and len(data) == 1 else data
    found = first.get("SQLResult1") if isinstance(first, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise errors.unreadable("no rows in the answer")
    return found
