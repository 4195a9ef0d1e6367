"""The hooks: read what the engine gives, call the client, call the mapping."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kopru.model import ExternalRef, IncomingInvoice, Recipient, Rendered, TaxId, TaxScheme
from kopru.sdk import (
    Absent,
    Cancellation,
    CannotTell,
    CheckItem,
    CheckResult,
    Conflict,
    ConnectorError,
    Ctx,
    Definition,
    DocumentFormat,
    Found,
    IdempotencyKey,
    Located,
    Operation,
    OutcomeUnknown,
    Page,
    PendingReceipt,
    Receipt,
    ReceiptState,
    ReceiptUpdate,
    Record,
    RefKind,
    Rejected,
    RemoteRef,
    Submission,
    TransientError,
    Unsupported,
    Window,
    hookimpl,
)
from kopru.toolkit import einvoice, taxnumbers
from kopru_nilvera import checks, lists, mapping, payloads, states
from kopru_nilvera.client import Client
from kopru_nilvera.codes import ISSUE_DATE, OUTGOING, PROFILES, Side
from kopru_nilvera.config import NilveraConfig
from kopru_nilvera.manifest import INBOX_PAGE, MANIFEST
from kopru_nilvera.texts import TEXTS

Context = Ctx[NilveraConfig]

_NOT_FOUND = frozenset({"http.not_found", "nilvera.not_found", "nilvera.document.not_found"})


class NilveraPlugin:
    """The Nilvera channel. It holds no state; everything of a tenant comes in ``ctx``."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Look at key, company, credit, series and the chosen templates."""
        client, config = Client(ctx), ctx.config
        try:
            company = client.company()
        except ConnectorError as error:
            return CheckResult((checks.of_error("key", error),))
        return CheckResult(
            (checks.of_key(), checks.of_company(config, company), *_further_checks(client, config))
        )

    @hookimpl
    def fetch_definitions(self, ctx: Context) -> tuple[Definition, ...]:
        """Return the company's own mailboxes, and series and templates of both sides."""
        client = Client(ctx)
        found = list(mapping.to_aliases(client.company()))
        for side in OUTGOING:
            found += lists.series(client, side)
            found += lists.templates(client, side)
        return tuple(found)

    @hookimpl
    def lookup_recipient(self, ctx: Context, tax_id: TaxId) -> Recipient:
        """Ask the register; a number that cannot stand in it is answered without a call."""
        number = tax_id.value
        listed = tax_id.scheme is not TaxScheme.FOREIGN and number.isascii() and number.isdigit()
        if not listed or taxnumbers.is_placeholder(number):
            return Recipient(tax_id=tax_id)
        try:
            data = Client(ctx).registrations(number)
        except Rejected as error:
            # Only Nilvera's own word counts: a bare 404 may be a wrong address.
            if error.code != "nilvera.document.not_found":
                raise
            return Recipient(tax_id=tax_id)
        return mapping.to_recipient(tax_id, data)

    @hookimpl
    def submit_invoice(self, ctx: Context, key: IdempotencyKey, submission: Submission) -> Receipt:
        """Send the UBL to the side its profile belongs to; the ETTN is the identity at Nilvera."""
        invoice, config = submission.invoice, ctx.config
        if invoice.profile not in PROFILES:
            code = "nilvera.profile_unsupported"
            raise Unsupported(code, TEXTS.text(code, profile=invoice.profile.value))
        side = Side.E_ARCHIVE if invoice.profile.is_archive else Side.E_INVOICE
        alias = "" if side is Side.E_ARCHIVE else invoice.buyer_alias
        if side is Side.E_INVOICE and not alias:
            code = "nilvera.alias_missing"
            raise Rejected(code, TEXTS[code], field="buyer_alias")
        client, ref = Client(ctx), ExternalRef(kind=side.value, id=str(invoice.id))
        content, template = submission.document.content, _template(config, side)
        try:
            answer = client.send(side, ref, content, alias=alias, template=template)
        except Rejected as error:
            if error.code != "nilvera.series_unknown" or not config.create_missing_series:
                raise
            # The refusal is certain: nothing was stored, so sending once more cannot double anything.
            _define_series(client, side, invoice.number[:3])
            answer = client.send(side, ref, content, alias=alias, template=template)
        return mapping.to_receipt(ref, answer)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a document up by the ETTN in ``hint``; ``key`` is the effect's and unknown to Nilvera."""
        if operation not in MANIFEST.writes:
            return CannotTell(TEXTS["nilvera.locate.unknown_operation"])
        side = _side(hint) if hint else None
        if hint is None or side is None:
            return CannotTell(TEXTS["nilvera.locate.no_hint"])
        client = Client(ctx)
        try:
            status = client.status(side, _ettn(hint))
        except Rejected as error:
            if error.code not in _NOT_FOUND:
                raise
            return Absent()
        if operation is Operation.SUBMIT_INVOICE:
            return Found(_stored(client, side, hint))
        if side is Side.E_ARCHIVE and states.is_cancelled(status):
            return Found(Receipt(ReceiptState.DONE, ref=hint))
        return Absent()

    @hookimpl
    def fetch_receipts(self, ctx: Context, pending: Sequence[PendingReceipt]) -> tuple[ReceiptUpdate, ...]:
        """Return the state of each document; one that cannot be read does not hold up the others."""
        client = Client(ctx)
        updates: list[ReceiptUpdate] = []
        failures: list[ConnectorError] = []
        for entry in pending:
            try:
                updates.append(_update(client, entry))
            except (TransientError, Rejected) as error:
                failures.append(error)
                updates.append(states.unknown(entry.ref, "nilvera.status.unavailable", str(error)))
        if failures and len(failures) == len(pending):
            raise failures[-1]
        return tuple(updates)

    @hookimpl
    def fetch_document(
        self, ctx: Context, ref: ExternalRef, format: DocumentFormat, archive: bool
    ) -> Rendered:
        """Download a sent or received document as XML, PDF or HTML."""
        side, ettn = _side(ref) or _outgoing(archive), _ettn(ref)
        try:
            answer = Client(ctx).download(side, ettn, format)
        except Rejected as error:
            if error.code not in _NOT_FOUND:
                raise
            raise _unknown_document(error.detail) from error
        content = payloads.unwrap(answer, format)
        if content is None:
            # As long as a document is being made, its place may be empty.
            code = "nilvera.document.unreadable"
            raise TransientError(code, TEXTS[code], detail=repr(answer[:60]))
        filename = f"{ettn}.{format.value}"
        return Rendered(content=content, media_type=payloads.MEDIA_TYPES[format], filename=filename)

    @hookimpl
    def cancel_document(self, ctx: Context, key: IdempotencyKey, cancellation: Cancellation) -> Receipt:
        """Cancel an e-Arşiv invoice; an e-Fatura has other, legal ways that the refusal names."""
        ref = cancellation.ref
        side = _side(ref) or _outgoing(cancellation.archive)
        if side is not Side.E_ARCHIVE:
            name = "incoming" if side is Side.INCOMING else "e_invoice"
            code = f"nilvera.{name}_not_cancellable"
            raise Unsupported(code, TEXTS[code])
        client, ettn = Client(ctx), _ettn(ref)
        try:
            client.cancel(ettn)
        except (Rejected, Conflict):
            # "Already cancelled" has no documented code, so the document's state decides.
            if not states.is_cancelled(client.status(side, ettn)):
                raise
            return Receipt(ReceiptState.DONE, ref=ref)
        return Receipt(_after_cancel(client, ettn), ref=ref)

    @hookimpl
    def fetch_inbox(
        self, ctx: Context, cursor: str | None, window: Window, limit: int
    ) -> Page[IncomingInvoice]:
        """Return a page of incoming invoices with their XML, oldest first; read marks stay as they are."""
        client, config = Client(ctx), ctx.config
        place = lists.Place.of(cursor, Side.INCOMING, min(limit, INBOX_PAGE, config.page_size))
        filters = {"DateFilterType": config.inbox_date_filter, "StatusCode": ["succeed"]}
        listing = lists.documents(client, place, window, filters)
        zone = mapping.zone_of(config.naive_times)
        records = tuple(_incoming(client, row, zone) for row in listing.rows)
        return Page(records, next_cursor=place.after(listing), total=listing.total)

    @hookimpl
    def fetch_refs(
        self, ctx: Context, kind: RefKind, cursor: str | None, window: Window, limit: int
    ) -> Page[RemoteRef]:
        """List what Nilvera holds of ours: first every e-Fatura, then every e-Arşiv invoice of the window.

        The window is taken by date of issue and widened to whole Istanbul days: a document that waits for
        GİB has no other date yet.
        """
        if kind is not RefKind.E_DOCUMENT:
            raise Unsupported("nilvera.refs.kind")
        place = lists.Place.of(cursor, Side.E_INVOICE, min(limit, ctx.config.page_size))
        filters = {"DateFilterType": ISSUE_DATE}
        listing = lists.documents(Client(ctx), place, lists.whole_days(window), filters)
        zone = mapping.zone_of(ctx.config.naive_times)
        records = tuple(mapping.to_ref(row, place.side, zone) for row in listing.rows)
        following = place.after(listing)
        if following is None and place.side is Side.E_INVOICE:
            following = lists.Place(Side.E_ARCHIVE, 1, place.size).cursor
        return Page(records, next_cursor=following)


def _side(ref: ExternalRef) -> Side | None:
    try:
        return Side(ref.kind)
    except ValueError:
        return None


def _outgoing(archive: bool) -> Side:
    return Side.E_ARCHIVE if archive else Side.E_INVOICE


def _ettn(ref: ExternalRef) -> str:
    try:
        return str(UUID(ref.id))
    except ValueError as error:
        raise _unknown_document(f"not an ETTN: {ref.id[:60]}") from error


def _unknown_document(detail: str) -> Rejected:
    code = "nilvera.document.not_found"
    return Rejected(code, TEXTS[code], detail=detail)


def _template(config: NilveraConfig, side: Side) -> str:
    chosen = config.template_e_archive if side is Side.E_ARCHIVE else config.template_e_invoice
    return str(chosen) if chosen else ""


def _define_series(client: Client, side: Side, name: str) -> None:
    try:
        client.add_series(side, name)
    except Conflict:
        return
    except OutcomeUnknown as error:
        # The document itself was refused for certain; only the series is in doubt.
        code = "nilvera.series_not_made"
        raise TransientError(code, TEXTS[code], detail=str(error)) from error


def _stored(client: Client, side: Side, ref: ExternalRef) -> Receipt:
    ettn = _ettn(ref)
    try:
        content = payloads.unwrap(client.download(side, ettn, DocumentFormat.XML), DocumentFormat.XML)
        return mapping.to_found(ref, einvoice.read_header(content or b""))
    except Rejected:
        # The XML is made after the document is taken; the details are there from the start.
        return mapping.to_found_by_details(ref, client.details(side, ettn))


def _update(client: Client, entry: PendingReceipt) -> ReceiptUpdate:
    side = _side(entry.ref) or _outgoing(entry.archive)
    try:
        status = client.status(side, _ettn(entry.ref))
    except Rejected as error:
        if error.code not in _NOT_FOUND:
            raise
        return states.unknown(entry.ref, "nilvera.status.not_found", error.detail)
    return states.update(entry, side, status)


def _after_cancel(client: Client, ettn: str) -> ReceiptState:
    try:
        cancelled = states.is_cancelled(client.status(Side.E_ARCHIVE, ettn))
    except ConnectorError:
        # The cancellation itself was answered; its state is asked for again later.
        cancelled = False
    return ReceiptState.DONE if cancelled else ReceiptState.ACCEPTED


def _incoming(client: Client, row: Any, zone: ZoneInfo) -> Record[IncomingInvoice]:
    ettn = mapping.ettn_of(row)
    if ettn is None:
        return mapping.without_document(row, "UUID")
    try:
        answer = client.download(Side.INCOMING, ettn, DocumentFormat.XML)
    except Rejected as error:
        return mapping.without_document(row, str(error))
    content = payloads.unwrap(answer, DocumentFormat.XML)
    return mapping.to_incoming(row, answer if content is None else content, zone)


def _further_checks(client: Client, config: NilveraConfig) -> Iterator[CheckItem]:
    zone = mapping.zone_of(config.naive_times)
    now = client.ctx.now()
    yield _look("credits", lambda: checks.of_credits(client.credits(), now, zone))
    for side in OUTGOING:
        yield _look(f"series.{side}", _series_check(client, side))
        if template := _template(config, side):
            yield _look(f"template.{side}", _template_check(client, side, template))


def _series_check(client: Client, side: Side) -> Callable[[], CheckItem]:
    return lambda: checks.of_series(side, lists.series(client, side), client.ctx.config)


def _template_check(client: Client, side: Side, template: str) -> Callable[[], CheckItem]:
    return lambda: checks.of_template(side, template, lists.templates(client, side))


def _look(name: str, check: Callable[[], CheckItem]) -> CheckItem:
    try:
        return check()
    except ConnectorError as error:
        return checks.of_error(name, error)
