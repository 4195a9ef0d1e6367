"""Made-up files in the layouts of known exports, imported without any settings."""

from decimal import Decimal

import pytest

from kopru.model import LineKind, OrderStatus, PartyKind

D = Decimal

TRENDYOL = {
    "Barkod": "8699000000039", "Paket No": "3400000001", "Kargo Firması": "Örnek Express",
    "Sipariş Tarihi": "02.03.2026 09:14", "Kargo Kodu": "7330000000000001", "Sipariş Numarası": "10900000001",
    "Alıcı": "Ümit Deneme", "Teslimat Adresi": "Deneme Cad. No:1 Çankaya Ankara", "İl": "Ankara", "İlçe": "Çankaya",
    "Ürün Adı": "Seramik Kupa", "Fatura Adresi": "Deneme Cad. No:1 Çankaya Ankara",
    "Alıcı - Fatura Adresi": "Ümit Deneme", "Sipariş Statüsü": "Yeni", "Komisyon Oranı": "19", "Stok Kodu": "STK-3",
    "Adet": "2", "Birim Fiyatı": "132,95", "Satış Tutarı": "265,90", "İndirim Tutarı": "10,00",
    "Trendyol İndirim Tutarı": "5,00", "Faturalanacak Tutar": "250,90", "Faturalanan Kargo Tutarı": "34,90",
    "Kurumsal Faturalı Sipariş": "Hayır", "Vergi Kimlik Numarası": "", "Vergi Dairesi": "", "Şirket İsmi": "",
    "Müşteri Sipariş Adedi": "1", "Fatura No": "", "Ülke": "Türkiye",
}  # fmt: skip
HEPSIBURADA = {
    "Sipariş Numarası": "4000000001", "Paket Numarası": "P-1", "Barkod": "7777", "Kargo Firması": "Örnek Jet",
    "Sipariş Tarihi": "2/3/2026 09:10:00", "Kargo Takip No": "888", "Alıcı": "Ayşe Örnek", "Teslimat Adresi": "Ev 1",
    "Şehir": "İstanbul", "Semt": "Kadıköy", "Hepsiburada Ürün Kodu": "HBV1", "Satıcı Stok Kodu": "STK-1",
    "Ürün Adı": "Kupa", "Adet": "3", "Birim Listeleme Fiyatı": "150", "Faturalandırılacak Birim Satış Fiyatı": "120.5",
    "Komisyon Tutarı (KDV Dahil)": "20", "Fatura Adresi": "Ev 1", "Paket Durumu": "Hazırlanıyor",
}  # fmt: skip
SHOPIFY = {
    "Name": "#1001", "Email": "alici@example.com", "Financial Status": "paid", "Paid at": "2026-03-02 10:00:00 +0300",
    "Currency": "TRY", "Subtotal": "1240.00", "Shipping": "49.90", "Taxes": "215.00", "Total": "1289.90",
    "Discount Code": "YAZ", "Discount Amount": "60.00", "Created at": "2026-03-02 09:59:00 +0300",
    "Lineitem quantity": "1", "Lineitem name": "Kulaklık", "Lineitem price": "1,000.00", "Lineitem sku": "STK-5",
    "Billing Name": "Ayşe Örnek", "Billing Street": "Deneme Cad. 1", "Billing City": "İstanbul",
    "Billing Zip": "'34000", "Billing Country": "TR", "Payment Method": "iyzico", "Id": "555",
}  # fmt: skip


def test_trendyol_panel(order):
    made = order(TRENDYOL)
    (line,) = made.lines
    assert (line.amount, line.payable, made.total) == (D("265.90"), D("250.90"), D("250.90"))
    assert [each.funded_by for each in line.discounts] == ["seller", "marketplace"]
    assert made.shipping.tracking_number == "7330000000000001"
    assert made.buyer.kind is PartyKind.PERSON
    assert made.extras["orderfile"] == {"package": "3400000001"}


def test_trendyol_panel_with_a_corporate_invoice(order):
    company = {
        "Kurumsal Faturalı Sipariş": "Evet", "Vergi Kimlik Numarası": "9900000052", "Vergi Dairesi": "Kadıköy",
        "Şirket İsmi": "Uydurma Ltd. Şti.",
    }  # fmt: skip
    buyer = order({**TRENDYOL, **company}).buyer
    assert (buyer.kind, buyer.name, buyer.tax_id.value) == (
        PartyKind.COMPANY,
        "Uydurma Ltd. Şti.",
        "9900000052",
    )


def test_hepsiburada_panel(order):
    made = order(HEPSIBURADA)
    (line,) = made.lines
    assert (line.amount, line.barcode, line.product_id) == (D("361.50"), "", "HBV1")
    assert (made.status, made.shipping.tracking_number) == (OrderStatus.PREPARING, "888")
    assert made.placed_at.month == 3


def test_shopify(order):
    second = {"Name": "#1001", "Lineitem quantity": "2", "Lineitem name": "Kupa", "Lineitem price": "150.00"}
    made = order(SHOPIFY, second)
    assert [(line.kind, line.amount, line.payable) for line in made.lines] == [
        (LineKind.GOODS, D("1000.00"), D("953.85")),
        (LineKind.GOODS, D("300.00"), D("286.15")),
        (LineKind.SHIPPING, D("49.90"), D("49.90")),
    ]
    assert made.total == D("1289.90")
    assert made.buyer.address.postal_code == "34000"


def test_shopify_prices_without_tax_are_found_by_the_total(codes):
    assert codes({**SHOPIFY, "Discount Amount": "0.00", "Total": "1264.90"}) == ["order.total_mismatch"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "windows-1254"])
@pytest.mark.parametrize("export", [TRENDYOL, HEPSIBURADA, {**SHOPIFY, "Total": "989.90"}])
def test_each_layout_survives_the_usual_encodings(csv_of, parse, export, encoding):
    (record,) = parse(csv_of([export], ",", encoding)).values()
    assert record.findings == ()
    assert record.value is not None
