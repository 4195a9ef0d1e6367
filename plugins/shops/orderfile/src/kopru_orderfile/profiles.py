"""Ready-made readings of well-known exports, by name.

A profile fixes which heading is which field where the general table would be wrong or incomplete, and says
what the file itself does not, such as how numbers are written. Headings a profile names but a file lacks are
ignored. With ``profile = auto`` a profile applies when all headings of its ``signature``
are in the file; without any match the general table of ``fields`` is used alone.

The panels change their exports without notice; the setting ``columns`` overrides every profile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kopru.model import Text
from kopru.toolkit import fold


@dataclass(frozen=True, slots=True)
class Profile:
    """One known layout. Empty settings leave the decision to the file."""

    name: str
    title: Text
    columns: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    """Headings that must not be taken for a field although the general table knows them."""
    signature: tuple[str, ...] = ()
    numbers: str = ""
    dates: str = ""
    prices: str = ""


GENERAL = Profile("", Text(tr="Genel", en="General"))

_ALL = (
    Profile(
        "generic-tr",
        Text(tr="Genel şablon (Türkçe)", en="General template (Turkish)"),
        columns={
            "number": "Sipariş No",
            "placed_at": "Sipariş Tarihi",
            "status": "Durum",
            "buyer_name": "Alıcı",
            "company": "Firma",
            "tax_number": "VKN/TCKN",
            "tax_office": "Vergi Dairesi",
            "email": "E-posta",
            "phone": "Telefon",
            "billing_address": "Fatura Adresi",
            "district": "İlçe",
            "city": "İl",
            "sku": "Stok Kodu",
            "barcode": "Barkod",
            "product": "Ürün Adı",
            "quantity": "Adet",
            "unit_price": "Birim Fiyat",
            "discount": "İndirim",
            "vat_rate": "KDV Oranı",
            "shipping_fee": "Kargo Ücreti",
            "order_total": "Sipariş Toplamı",
            "payment": "Ödeme Yöntemi",
            "carrier": "Kargo Firması",
            "tracking_number": "Takip No",
        },
        numbers="turkish",
        dates="day_first",
    ),
    Profile(
        "generic-en",
        Text(tr="Genel şablon (İngilizce)", en="General template (English)"),
        columns={
            "number": "Order Number",
            "placed_at": "Order Date",
            "status": "Order Status",
            "buyer_name": "Customer Name",
            "company": "Company",
            "tax_number": "Tax Number",
            "tax_office": "Tax Office",
            "email": "Email",
            "phone": "Phone",
            "billing_address": "Billing Address",
            "district": "District",
            "city": "City",
            "country": "Country",
            "sku": "SKU",
            "barcode": "Barcode",
            "product": "Product Name",
            "quantity": "Quantity",
            "unit_price": "Unit Price",
            "discount": "Discount",
            "vat_rate": "VAT Rate",
            "shipping_fee": "Shipping Fee",
            "order_total": "Order Total",
            "currency": "Currency",
            "payment": "Payment Method",
            "carrier": "Carrier",
            "tracking_number": "Tracking Number",
        },
        numbers="international",
    ),
    Profile(
        "trendyol",
        Text(tr="Trendyol panel dışa aktarımı", en="Trendyol panel export"),
        columns={
            "number": "Sipariş Numarası",
            "package": "Paket No",
            "buyer_name": "Alıcı",
            "billing_name": "Alıcı - Fatura Adresi",
            "ship_address": "Teslimat Adresi",
            "unit_price": "Birim Fiyatı",
            "line_amount": "Satış Tutarı",
            "discount": "İndirim Tutarı",
            "marketplace_discount": "Trendyol İndirim Tutarı",
            "line_payable": "Faturalanacak Tutar",
            "tracking_number": "Kargo Kodu",
            "buyer_kind": "Kurumsal Faturalı Sipariş",
        },
        ignore=("Faturalanan Kargo Tutarı", "Müşteri Sipariş Adedi"),
        signature=("Paket No", "Sipariş Numarası", "Faturalanacak Tutar"),
        dates="day_first",
        prices="included",
    ),
    Profile(
        "hepsiburada",
        Text(tr="Hepsiburada panel dışa aktarımı", en="Hepsiburada panel export"),
        columns={
            "number": "Sipariş Numarası",
            "package": "Paket Numarası",
            "status": "Paket Durumu",
            "sku": "Satıcı Stok Kodu",
            "product_id": "Hepsiburada Ürün Kodu",
            "unit_price": "Faturalandırılacak Birim Satış Fiyatı",
            "price": "Faturalandırılacak Satış Fiyatı",
            "district": "Semt",
            "city": "Şehir",
            "email": "Alıcı Mail Adresi",
        },
        ignore=("Barkod", "HB'nin karşıladığı kampanya tutarı (KDV dahil)"),
        signature=("Paket Numarası", "Hepsiburada Ürün Kodu"),
        dates="day_first",
        prices="included",
    ),
    Profile(
        "shopify",
        Text(tr="Shopify dışa aktarımı", en="Shopify export"),
        columns={
            "number": "Name",
            "placed_at": "Created at",
            "status": "Financial Status",
            "order_total": "Total",
            "shipping_fee": "Shipping",
            "order_discount": "Discount Amount",
            "product": "Lineitem name",
            "billing_address": "Billing Street",
            "ship_address": "Shipping Street",
            "recipient": "Shipping Name",
            "note": "Notes",
        },
        ignore=("Discount Code", "Id", "Lineitem discount"),
        signature=("Name", "Lineitem name", "Lineitem price"),
        numbers="international",
    ),
)

PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in _ALL}


def chosen(name: str, headings: Iterable[str]) -> Profile:
    """Return the profile of that name; for ``auto`` the one whose signature the headings show, else none."""
    if name in PROFILES:
        return PROFILES[name]
    present = {fold.header(heading) for heading in headings}
    for profile in _ALL:
        if profile.signature and present.issuperset(map(fold.header, profile.signature)):
            return profile
    return GENERAL
