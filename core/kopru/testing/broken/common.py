"""What the bazaar's plugins share: settings, texts, calls, pages."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from kopru.hooks.errors import AuthError, ConnectorError, OutcomeUnknown, Rejected, TransientError
from kopru.hooks.io import Response
from kopru.hooks.manifest import Stream
from kopru.hooks.types import (
    Absent,
    CannotTell,
    CheckItem,
    CheckResult,
    Ctx,
    Echo,
    Found,
    Located,
    Page,
    Raw,
    Receipt,
    ReceiptState,
    Record,
    RefKind,
    RemoteRef,
    Window,
)
from kopru.model import Catalogue, ExternalRef, Text
from kopru.toolkit import dates, validation

T = TypeVar("T")
Json = dict[str, Any]
PAGE = 50
STREAM = Stream(largest_page=PAGE)
TITLE = Text(tr="Pazar", en="Bazaar")

TEXTS = Catalogue(
    {
        "bazaar.answer": ("Pazarın yanıtı okunamadı.", "The bazaar's answer could not be read."),
        "bazaar.unsupported": ("Pazar bunu yapamıyor.", "The bazaar cannot do this."),
        "bazaar.not_found": ("Pazarda böyle bir kayıt yok.", "The bazaar has no such record."),
        "bazaar.no_lookup": ("Bu gönderim pazarda aranamıyor.", "This write cannot be looked up there."),
        "bazaar.webhook": ("Çağrının kaynağı doğrulanamadı.", "The call could not be verified."),
        "bazaar.check.works": ("Bağlantı çalışıyor.", "The connection works."),
        "bazaar.check.key": ("Anahtarı pazardan yeniden kopyalayın.", "Copy the key from the bazaar again."),
        "bazaar.check.later": (
            "Adresi denetleyin; birkaç dakika sonra yeniden deneyin.",
            "Check the address; try again in some minutes.",
        ),
    }
)


class BazaarConfig(BaseModel):
    """Settings of a connection to the bazaar."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^http://", title="Adres", description="Pazarın adresi.")
    key: SecretStr = Field(title="Anahtar", description="Pazarın verdiği anahtar.", min_length=1)
    hook_secret: SecretStr = Field(
        SecretStr(""), title="Kanca parolası", description="Pazarın çağrılarını doğrulayan parola."
    )


Context = Ctx[BazaarConfig]


def get(ctx: Context, path: str, **params: str | int) -> Any:
    """Read JSON.

    Raises:
        TransientError: the answer is no JSON.
    """
    return answer_of(call(ctx, "GET", path, params=params), TransientError)


def send(
    ctx: Context, method: str, path: str, body: Any = None, *, key: str = "", safe: bool | None = None
) -> Any:
    """Write JSON and return the answer.

    Raises:
        OutcomeUnknown: the answer is no JSON.
    """
    headers = {"idempotency-key": key} if key else {}
    return answer_of(call(ctx, method, path, json=body, headers=headers, safe=safe), OutcomeUnknown)


def call(
    ctx: Context,
    method: str,
    path: str,
    *,
    params: Any = None,
    json: Any = None,
    headers: Json | None = None,
    safe: bool | None = None,
) -> Response:
    """Make one call under the connection's key."""
    login = {"x-key": ctx.config.key.get_secret_value(), **(headers or {})}
    return ctx.http.request(method, path, params=params, json=json, headers=login, safe=safe)


def answer_of(response: Response, otherwise: type[ConnectorError]) -> Json:
    """Return an answer's JSON object; anything else is the error ``otherwise``."""
    try:
        data = validation.read_json(response.content)
    except Rejected as error:
        raise otherwise("bazaar.answer", TEXTS["bazaar.answer"], detail=error.detail) from error
    if not isinstance(data, dict):
        raise otherwise("bazaar.answer", TEXTS["bazaar.answer"])
    return data


def listing(ctx: Context, collection: str, **params: str | int) -> list[Any]:
    """Return the records of a list."""
    records = get(ctx, f"/{collection}", **params).get("records")
    if not isinstance(records, list):
        raise TransientError("bazaar.answer", TEXTS["bazaar.answer"])
    return records


def stream(
    ctx: Context,
    collection: str,
    cursor: str | None,
    window: Window | None,
    limit: int,
    build: Callable[[Json], T],
) -> Page[T]:
    """Return one page of a collection; the cursor is time and id of the last record read."""
    params: dict[str, str | int] = {"size": min(limit, PAGE)}
    if window is not None:
        params |= {"since": dates.epoch_ms(window.since), "until": dates.epoch_ms(window.until)}
    if cursor:
        params["after"] = cursor
    records = listing(ctx, collection, **params)
    full = len(records) >= min(limit, PAGE)
    return Page(tuple(record_of(each, build) for each in records), position(records[-1]) if full else None)


def position(record: Any) -> str:
    """Return where a record stands in its list."""
    at, identity = (record.get("_at"), record.get("_id")) if isinstance(record, dict) else (None, None)
    if not isinstance(at, int) or not isinstance(identity, str):
        raise TransientError("bazaar.answer", TEXTS["bazaar.answer"])
    return f"{at}:{identity}"


def record_of(data: Any, build: Callable[[Json], T]) -> Record[T]:
    """Map one record."""
    identity = str(data.get("_id"))[:100] if isinstance(data, dict) else "?"
    raw = Raw(json.dumps(data, default=str, ensure_ascii=False).encode())
    return validation.record(identity, raw, lambda: build(data), prefix="bazaar.record")


def bare(data: Json) -> Json:
    """Return a record without the bazaar's own fields."""
    return {name: value for name, value in data.items() if not name.startswith("_")}


def receipt(collection: str, data: Json) -> Receipt:
    """Return what the bazaar says it has stored.

    Raises:
        OutcomeUnknown: it does not say it clearly.
    """
    identity, number, total = data.get("_id"), data.get("number"), data.get("total")
    if not isinstance(identity, str) or not isinstance(total, str | None):
        raise OutcomeUnknown("bazaar.answer", TEXTS["bazaar.answer"])
    echo = Echo(total=Decimal(total) if total is not None else None, number=number)
    return Receipt(ReceiptState.DONE, ExternalRef(kind=collection, id=identity), number, echo)


def ref_of(data: Json, kind: RefKind, collection: str) -> RemoteRef:
    """Return a record as the second listing shows it."""
    total = data.get("total")
    return RemoteRef(
        kind=kind,
        external_id=data["_id"],
        our_reference=data.get("reference", ""),
        number=data.get("number", ""),
        total=Decimal(total) if total is not None else None,
        cancelled=bool(data.get("cancelled")),
    )


def check(ctx: Context) -> CheckResult:
    """Try the account."""
    try:
        get(ctx, "/account")
    except ConnectorError as error:
        fix = TEXTS["bazaar.check.key" if isinstance(error, AuthError) else "bazaar.check.later"]
        return CheckResult((CheckItem("account", ok=False, message=error.message, fix=fix),))
    return CheckResult((CheckItem("account", ok=True, message=TEXTS["bazaar.check.works"]),))


def cancel(ctx: Context, ref: ExternalRef) -> Receipt:
    """Cancel a record."""
    answer_of(call(ctx, "DELETE", f"/{ref.kind}/{ref.id}"), OutcomeUnknown)
    return Receipt(ReceiptState.DONE, ref)


def is_cancelled(ctx: Context, ref: ExternalRef | None) -> Located:
    """Tell whether a record is cancelled."""
    if ref is None:
        return CannotTell(TEXTS["bazaar.no_lookup"])
    record = get(ctx, f"/{ref.kind}/{ref.id}")
    return Found(Receipt(ReceiptState.DONE, ref)) if record.get("cancelled") else Absent()
