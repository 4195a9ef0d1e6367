"""Writing invoices and cards: looked for first, written in one transaction, answered with what is stored."""

from kopru.model import LineKind, Product, TaxScheme
from kopru.sdk import (
    Cancellation,
    ConfigError,
    Conflict,
    ConnectorError,
    Direction,
    IdempotencyKey,
    LedgerInvoice,
    OutcomeUnknown,
    PartyRequest,
    Receipt,
    ReceiptState,
    Rejected,
    SqlValue,
    Unsupported,
)
from kopru.toolkit import taxnumbers
from kopru.toolkit.text import clean, truncate
from kopru_eta import handover, lookup, procedures, tables
from kopru_eta.client import Client, Work
from kopru_eta.codes import ITEM, PARTY, RECEIPT
from kopru_eta.config import PurchaseMode, SalesMode
from kopru_eta.mapping import invoice as invoices
from kopru_eta.mapping import stored
from kopru_eta.mapping.stored import Stored
from kopru_eta.texts import TEXTS


def post_invoice(client: Client, key: IdempotencyKey, ledger: LedgerInvoice) -> Receipt:
    """Write an invoice the way the settings say for its direction.

    Raises:
        Unsupported: ``eta.mode`` when this direction is not written.
        Conflict: an invoice of the number is there already.
        Rejected, MappingMissing, ConfigError: it cannot be written as it is.
        OutcomeUnknown: it was written, but could not be read back.
    """
    mode: PurchaseMode | SalesMode = client.config.sales
    if ledger.direction is Direction.PURCHASE:
        mode = client.config.purchases
    if mode in (SalesMode.NONE, PurchaseMode.NONE):
        raise Unsupported("eta.mode", TEXTS.text("eta.mode", direction=ledger.direction.value))
    invoices.check(client.config, ledger)
    database = client.config.database_of(ledger.invoice.issue_date)
    if mode is SalesMode.FILE:
        return _handed_over(client, key, ledger, database)
    with client.transaction(database) as work:
        torn = _torn(work, ledger)
        if mode is PurchaseMode.PROCEDURES:
            procedures.write(work, key, ledger, torn)
        else:
            tables.write(work, key, ledger)
    return _read_back(client, key)


def upsert_party(client: Client, request: PartyRequest) -> Receipt:
    """Return the card with the code, else the one with the tax number if asked, else a copy of the template.

    Raises:
        Rejected: ``eta.party.missing`` when cards are not made.
    """
    found = lookup.party_by_code(client, request.code) if request.code else None
    number = _tax_number(request)
    if found is None and number and request.match_tax_id:
        found = lookup.party_by_tax_number(client, number)
    if found is not None:
        return found
    name = clean(request.party.display_name)
    template = client.config.templates.party
    if not request.code or not name or not template:
        text = TEXTS.text("eta.party.missing", code=request.code or "-", name=truncate(name, 60) or "-")
        raise Rejected("eta.party.missing", text, field="code")
    if lookup.party_by_code(client, template) is None:
        raise ConfigError("eta.template", TEXTS.text("eta.template", name=template), field="templates.party")
    tax_id = request.party.tax_id
    values: dict[str, SqlValue] = {
        "template": template,
        "party_code": request.code,
        "customer_name": truncate(name, 100),
        "tax_number": tax_id.value[:20] if tax_id else " ",
    }
    return _made(client, "copy_party", values, PARTY, request.code)


def upsert_product(client: Client, product: Product) -> Receipt:
    """Return the item card with the code, else a copy of the template.

    Raises:
        Rejected: ``eta.item.missing`` when cards are not made.
        MappingMissing: ``eta.unit``.
    """
    found = lookup.item_by_code(client, product.code) if product.code else None
    if found is not None:
        return found
    config, template = client.config, client.config.templates.item
    if not product.code or not template or product.kind is not LineKind.GOODS:
        text = TEXTS.text("eta.item.missing", item=product.code or "-")
        raise Rejected("eta.item.missing", text, field="code")
    if product.unit not in config.units:
        raise ConfigError("eta.unit", TEXTS.text("eta.unit", units=product.unit), field="units")
    if lookup.item_by_code(client, template) is None:
        raise ConfigError("eta.template", TEXTS.text("eta.template", name=template), field="templates.item")
    values: dict[str, SqlValue] = {
        "template": template,
        "item_code": product.code,
        "item_name": truncate(clean(product.name), 100),
        "unit": config.units[product.unit],
    }
    return _made(client, "copy_item", values, ITEM, product.code)


def delete(client: Client, cancellation: Cancellation) -> Receipt:
    """Take an invoice away that was written into the tables; one that is gone already is done.

    Raises:
        Unsupported: direct writes are off, or it was handed over as a file.
        Rejected: ``eta.cancel.booked``: it has an account or ledger voucher.
    """
    if not client.config.experimental or cancellation.ref.kind == RECEIPT:
        raise Unsupported("eta.cancel.off", TEXTS["eta.cancel.off"])
    year, ref = stored.parse_ref(cancellation.ref)
    done = Receipt(ReceiptState.DONE, cancellation.ref)
    now = lookup.by_ref(client, year, ref)
    if now is None:
        return done
    if now.account_ref or now.ledger_ref or not now.key:
        raise Rejected("eta.cancel.booked", TEXTS.text("eta.cancel.booked", number=now.number))
    with client.transaction(client.config.databases[year]) as work:
        work.run("delete_invoice", {"ref": ref, "stock_ref": now.stock_ref})
    return done


def _torn(work: Work, ledger: LedgerInvoice) -> Stored | None:
    """Return a header of this invoice without lines; refuse when the invoice is there."""
    year, number = ledger.invoice.issue_date.year, ledger.invoice.number
    found = [tables.read(year, row) for row in work.run("invoices_by_number", {"number": number})]
    sold = ledger.direction is Direction.SALES
    # A supplier's number is unique for that supplier only.
    mine = [each for each in found if sold or each.party == ledger.party_code]
    whole = next((each for each in mine if each.lines), None)
    if whole is None and mine and (sold or work.client.config.purchases is PurchaseMode.TABLES):
        whole = mine[0]
    if whole is not None:
        text = TEXTS.text("eta.invoice.exists", number=number)
        raise Conflict("eta.invoice.exists", text, existing=whole.external)
    return mine[0] if mine else None


def _handed_over(client: Client, key: IdempotencyKey, ledger: LedgerInvoice, database: str) -> Receipt:
    found = client.read("invoices_by_number", {"number": ledger.invoice.number}, database=database)
    if found:
        kept = tables.read(ledger.invoice.issue_date.year, found[0])
        text = TEXTS.text("eta.invoice.exists", number=ledger.invoice.number)
        raise Conflict("eta.invoice.exists", text, existing=kept.external)
    return handover.write(client, key, ledger)


def _read_back(client: Client, key: IdempotencyKey) -> Receipt:
    """Return the receipt of an invoice that was committed; trouble in reading is no failed write."""
    try:
        found = lookup.by_key(client, key.short)
    except ConnectorError as error:
        raise OutcomeUnknown("eta.answer", TEXTS["eta.answer"], detail=str(error)[:300]) from error
    if not found:
        raise OutcomeUnknown("eta.not_read_back", TEXTS["eta.not_read_back"], detail=key.short)
    return found[0].receipt


def _made(client: Client, statement: str, values: dict[str, SqlValue], kind: str, code: str) -> Receipt:
    """Make a card; one that somebody else made in the meantime is taken."""
    find = lookup.party_by_code if kind == PARTY else lookup.item_by_code
    try:
        with client.transaction(client.cards) as work:
            work.run(statement, values)
    except Conflict:
        existing = find(client, code)
        if existing is None:
            raise
        return existing
    return lookup.card_receipt(kind, code)


def _tax_number(request: PartyRequest) -> str:
    """Return the number a card may be found by; placeholders and foreign numbers find nothing."""
    tax_id = request.party.tax_id
    if tax_id is None or tax_id.scheme is TaxScheme.FOREIGN or taxnumbers.is_placeholder(tax_id.value):
        return ""
    return tax_id.value
