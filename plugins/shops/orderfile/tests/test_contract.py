"""The standard tests of a shop, run against real files in a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kopru.model.money import ZERO
from kopru.testing.contract import ConnectorContract
from kopru.testing.world import WorldLine, WorldOrder
from kopru.toolkit.dates import ISTANBUL
from kopru.toolkit.numbers import write
from kopru_orderfile import plugin

HEADINGS = (
    "Sipariş No", "Sipariş Tarihi", "Alıcı", "Firma", "VKN/TCKN", "Vergi Dairesi", "E-posta", "Fatura Adresi",
    "İlçe", "İl", "Stok Kodu", "Barkod", "Ürün Adı", "Adet", "Birim Fiyat", "Satıcı İndirimi", "Pazaryeri İndirimi",
    "KDV Oranı", "Kargo Ücreti", "Sipariş Toplamı",
)  # fmt: skip


def cells(order: WorldOrder, line: WorldLine) -> tuple[str, ...]:
    buyer = order.buyer
    return (
        order.number, f"{order.placed_at.astimezone(ISTANBUL):%d.%m.%Y %H:%M:%S}",
        f"{buyer.first_name} {buyer.last_name}", buyer.name, buyer.tax_number, buyer.tax_office, buyer.email,
        f"{buyer.neighbourhood} {buyer.street}", buyer.district, buyer.city, line.item.code, line.item.barcode,
        line.item.name, str(line.quantity), write(line.item.price), write(line.seller_discount),
        write(line.marketplace_discount), f"%{line.item.vat_rate}", write(order.shipping_fee or ZERO),
        write(order.total),
    )  # fmt: skip


class TestOrderFile(ConnectorContract):
    """Each batch of orders is a further export in the folder."""

    plugin = plugin

    def make_connection(self, folder: Path) -> dict[str, Any]:
        return {"folder": str(folder)}

    def write_orders(self, folder: Path, orders: Sequence[WorldOrder]) -> None:
        rows = [HEADINGS, *(cells(order, line) for order in orders for line in order.lines)]
        name = folder / f"siparisler-{len(list(folder.iterdir())) + 1}.csv"
        name.write_text("\n".join(map(";".join, rows)) + "\n", encoding="utf-8-sig")
