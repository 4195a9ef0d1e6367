"""A sales order as ``SiparisKaydetV2`` takes it: one row per line, the header repeated on each.

Mikro's orders are without VAT. Lines with VAT are split so that net and VAT add up to what the buyer pays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kopru.model import LineKind, Order, OrderLine
from kopru.model.money import CENT, ZERO, cents, vat_of, without_vat
from kopru.sdk import IdempotencyKey, LedgerOrder, MappingMissing
from kopru.toolkit import dates
from kopru.toolkit.text import clean, truncate
from kopru_mikro.codes import (
    CODE_LENGTH,
    LINE_TEXT_LENGTH,
    NORMAL_ORDER,
    NOTE_COUNT,
    NOTE_LENGTH,
    RECEIVED_ORDER,
    written_day,
)
from kopru_mikro.config import MikroConfig, OrderVat
from kopru_mikro.mapping.invoice import currency_number
from kopru_mikro.mapping.lines import Faults, card_code, unit_pointers
from kopru_mikro.texts import TEXTS
from kopru_mikro.vat import Pointers

Body = dict[str, Any]

_UNIT_PRICE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Amounts:
    """A line without VAT: total before discount, discount, VAT, and what VAT arithmetic leaves over."""

    gross: Decimal
    discount: Decimal
    vat: Decimal
    left: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """Return the line's taxable amount."""
        return self.gross - self.discount


def amounts(order: Order, line: OrderLine, how: OrderVat) -> Amounts:
    """Split a line's money.

    With ``computed`` VAT is net × rate to the kuruş, which cannot reach every total (one in six at 20 %):
    the net is then the largest that stays within, and the kuruş left over is told.
    """
    rate = line.vat_rate or ZERO
    if not order.tax_included:
        gross, discount = cents(line.amount), cents(line.discount_total)
        return Amounts(gross, discount, vat_of(gross - discount, rate))
    payable = cents(line.payable)
    net = without_vat(payable, rate)
    if how is OrderVat.COMPUTED:
        while net + vat_of(net, rate) > payable:
            net -= CENT
        vat = vat_of(net, rate)
    else:
        vat = payable - net
    gross = max(without_vat(line.amount, rate), net) if line.discount_total else net
    return Amounts(gross, gross - net, vat, payable - net - vat)


def check(config: MikroConfig, ledger: LedgerOrder) -> None:
    """Refuse an order that cannot be entered as it is.

    Raises:
        Rejected: all faults as findings.
        MappingMissing: ``mikro.order.item`` with every line without an item code, or ``mikro.unit``.
    """
    order, faults = ledger.order, Faults()
    lines = live_lines(config, order)
    if not 0 < len(ledger.party_code) <= CODE_LENGTH:
        faults.add("mikro.invoice.party", "party_code", limit=CODE_LENGTH)
    if not lines:
        faults.add("mikro.order.empty", "lines")
    if order.currency != "TRY" and order.currency not in config.currencies:
        faults.add("mikro.currency", "currency", currency=order.currency)
    if order.currency != "TRY" and order.exchange_rate is None:
        faults.add("mikro.order.rate", "exchange_rate", currency=order.currency)
    for index, line in enumerate(order.lines):
        if line in lines and line.vat_rate is None:
            faults.add("mikro.order.vat", f"lines[{index}].vat_rate", name=line.name)
    if any(amounts(order, line, config.order_vat).left for line in lines) and not config.rounding_item:
        faults.add("mikro.order.rounding", "lines")
    faults.refuse()
    missing = [line.name or line.id for line in lines if not _code(config, ledger, line)]
    if missing:
        text = TEXTS.text("mikro.order.item", lines="; ".join(missing)[:500])
        raise MappingMissing("mikro.order.item", missing, text)
    unit_pointers(config, (line.unit for line in lines))


def live_lines(config: MikroConfig, order: Order) -> tuple[OrderLine, ...]:
    """Return the lines that are entered: not cancelled, and services only where the settings want them."""
    wanted = (LineKind.GOODS,) if not config.order_services else tuple(LineKind)
    return tuple(line for line in order.live_lines if line.kind in wanted)


def rates(config: MikroConfig, order: Order) -> set[Decimal]:
    """Return the VAT rates the lines of an order need pointers for."""
    lines = live_lines(config, order)
    left = any(amounts(order, line, config.order_vat).left for line in lines)
    return {line.vat_rate or ZERO for line in lines} | ({ZERO} if left else set())


def order_body(config: MikroConfig, key: IdempotencyKey, ledger: LedgerOrder, pointers: Pointers) -> Body:
    """Return the ``evraklar`` entry of a checked order; the first note begins with the write's key."""
    texts = [f"{key.short} {ledger.order.number}", ledger.channel, ledger.order.note]
    notes = [truncate(clean(text), NOTE_LENGTH) for text in texts if clean(text)][:NOTE_COUNT]
    return {
        "evrak_aciklamalari": [{"aciklama": note} for note in notes],
        "satirlar": list(_rows(config, key, ledger, pointers)),
    }


def _rows(
    config: MikroConfig, key: IdempotencyKey, ledger: LedgerOrder, pointers: Pointers
) -> Iterator[Body]:
    order = ledger.order
    header = {**_header(config, ledger), "user_tablo": config.own_column(key.short)}
    left = ZERO
    for line in live_lines(config, order):
        money = amounts(order, line, config.order_vat)
        left += money.left
        yield {
            **header,
            "sip_stok_kod": _code(config, ledger, line),
            **_money(config, line.quantity, money),
            "sip_birim_pntr": config.unit_pointers[line.unit],
            "sip_vergi_pntr": pointers[line.vat_rate or ZERO],
            "sip_aciklama": truncate(clean(line.name), LINE_TEXT_LENGTH),
        }
    if left:
        yield {
            **header,
            "sip_stok_kod": config.rounding_item,
            **_money(config, Decimal(1), Amounts(left, ZERO, ZERO)),
            "sip_birim_pntr": 1,
            "sip_vergi_pntr": pointers[ZERO],
            "sip_aciklama": "Yuvarlama",
        }


def _header(config: MikroConfig, ledger: LedgerOrder) -> Body:
    order, codes = ledger.order, config.codes_for(ledger.channel)
    placed = dates.local_date(order.placed_at)
    due = dates.local_date(order.shipping.due_at) if order.shipping.due_at else placed
    return {
        "sip_tarih": written_day(placed),
        "sip_teslim_tarih": written_day(max(due, placed)),
        "sip_tip": RECEIVED_ORDER,
        "sip_cins": NORMAL_ORDER,
        "sip_evrakno_seri": codes.order_series or codes.series,
        "sip_belgeno": truncate(order.number, LINE_TEXT_LENGTH),
        "sip_belge_tarih": written_day(placed),
        "sip_musteri_kod": ledger.party_code,
        "sip_vergisiz_fl": False,
        "sip_depono": config.warehouse_for(ledger.channel),
        "sip_projekodu": codes.project,
        "sip_cari_sormerk": codes.cost_centre,
        "sip_stok_sormerk": codes.cost_centre,
        "sip_opno": config.payment_plan,
        "sip_doviz_cinsi": currency_number(config, order.currency),
        "sip_doviz_kuru": order.exchange_rate or 1,
        "sip_adresno": config.address_number,
        **({"sip_satici_kod": codes.salesman} if codes.salesman else {}),
    }


def _money(config: MikroConfig, quantity: Decimal, money: Amounts) -> Body:
    """Return a row's amounts; the price keeps more decimals than the total, which is what counts."""
    price = (money.gross / quantity).quantize(_UNIT_PRICE, rounding=ROUND_HALF_UP)
    given = {"sip_vergi": money.vat} if config.order_vat is OrderVat.GIVEN else {}
    return {
        "sip_miktar": quantity,
        "sip_b_fiyat": price,
        "sip_tutar": money.gross,
        "sip_iskonto_1": money.discount,
        **given,
    }


def _code(config: MikroConfig, ledger: LedgerOrder, line: OrderLine) -> str:
    return card_code(config, line.kind, ledger.items.get(line.id, ""))
