"""Which column is which field: the headings of real exports, the seller's own mapping, and doubtful cases."""

import pytest

from kopru_orderfile import columns, profiles
from kopru_orderfile.fields import FIELDS
from kopru_orderfile.profiles import GENERAL, PROFILES

TRENDYOL = ["Barkod", "Paket No", "Kargo Firması", "Sipariş Tarihi", "Termin Süresinin Bittiği Tarih", "Kargoya Teslim Tarihi", "Kargo Kodu", "Sipariş Numarası", "Alıcı", "Teslimat Adresi", "İl", "İlçe", "Ürün Adı", "Fatura Adresi", "Alıcı - Fatura Adresi", "Sipariş Statüsü", "E-Posta", "Komisyon Oranı", "Marka", "Stok Kodu", "Adet", "Birim Fiyatı", "Satış Tutarı", "İndirim Tutarı", "Trendyol İndirim Tutarı", "Faturalanacak Tutar", "Butik Numarası", "Teslim Tarihi", "Faturalanan Kargo Tutarı", "Kurumsal Faturalı Sipariş", "Vergi Kimlik Numarası", "Vergi Dairesi", "Şirket İsmi", "Müşteri Sipariş Adedi", "Mikro İhracat", "Fatura No", "Ülke", "Müşteri Telefon No"]  # fmt: skip
HEPSIBURADA = [
    "Sipariş Numarası",
    "Paket Numarası",
    "Barkod",
    "Kargo Firması",
    "Sipariş Tarihi",
    "Kargo Takip No",
    "Alıcı",
    "Teslimat Adresi",
    "Şehir",
    "Semt",
    "Hepsiburada Ürün Kodu",
    "Satıcı Stok Kodu",
    "Ürün Adı",
    "Adet",
    "Birim Listeleme Fiyatı",
    "Faturalandırılacak Birim Satış Fiyatı",
    "Komisyon Tutarı (KDV Dahil)",
    "Fatura Adresi",
    "Paket Durumu",
    "Alıcı Mail Adresi",
]
SHOPIFY = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem sku",
    "Billing Name",
    "Billing Street",
    "Billing Company",
    "Billing City",
    "Billing Zip",
    "Billing Country",
    "Billing Phone",
    "Shipping Name",
    "Shipping Street",
    "Notes",
    "Id",
]


def places(headings, own=None, profile="auto", prices=""):
    found = columns.match(headings, profiles.chosen(profile, headings), own or {}, prices)
    return {name: headings[place] for name, place in found.places.items()}


def test_the_trendyol_export_is_recognised():
    assert profiles.chosen("auto", TRENDYOL).name == "trendyol"
    found = places(TRENDYOL)
    assert found.items() >= {
        "number": "Sipariş Numarası", "package": "Paket No", "buyer_name": "Alıcı",
        "billing_name": "Alıcı - Fatura Adresi", "unit_price": "Birim Fiyatı", "line_amount": "Satış Tutarı",
        "discount": "İndirim Tutarı", "marketplace_discount": "Trendyol İndirim Tutarı",
        "line_payable": "Faturalanacak Tutar", "vkn": "Vergi Kimlik Numarası", "company": "Şirket İsmi",
        "tracking_number": "Kargo Kodu", "shipped_at": "Kargoya Teslim Tarihi", "export": "Mikro İhracat",
        "phone": "Müşteri Telefon No", "invoice_number": "Fatura No", "status": "Sipariş Statüsü",
    }.items()  # fmt: skip
    # What the carrier charges the seller is no shipping fee of the buyer's.
    assert "shipping_fee" not in found
    assert columns.match(TRENDYOL, PROFILES["trendyol"], {}, "").missing() == ()


def test_the_hepsiburada_export_is_recognised():
    found = places(HEPSIBURADA)
    assert found["unit_price"] == "Faturalandırılacak Birim Satış Fiyatı"
    assert found["district"] == "Semt"
    # Its "Barkod" is the parcel's, not the product's.
    assert "barcode" not in found


def test_the_shopify_export_is_recognised():
    found = places(SHOPIFY)
    assert found.items() >= {
        "number": "Name", "product": "Lineitem name", "order_total": "Total", "shipping_fee": "Shipping",
        "order_discount": "Discount Amount", "placed_at": "Created at", "company": "Billing Company",
    }.items()  # fmt: skip
    assert columns.match(SHOPIFY, PROFILES["shopify"], {}, "").missing() == ()


@pytest.mark.parametrize("name", ["generic-tr", "generic-en"])
def test_the_headings_of_a_template_are_complete(name):
    template = PROFILES[name]
    headings = list(template.columns.values())
    assert places(headings, profile=name) == dict(template.columns)
    assert columns.match(headings, template, {}, "").missing() == ()


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_every_known_heading_finds_its_field_alone(field):
    for heading in field.headings:
        assert places([heading]) == {field.name: heading}, heading


@pytest.mark.parametrize(
    "heading",
    [
        "SİPARİŞ NO",
        "Siparis No",
        "siparis_no",
        "Sipariş No.",
        " Sipariş  No ",
        "SIPARIS NO:",
        "sipariş-no",
        "SiparişNo",
    ],
)
def test_headings_are_compared_by_their_letters(heading):
    assert places([heading]) == {"number": heading}


@pytest.mark.parametrize(
    "heading", ["Birim Fiyat (TL)", "Birim Fiyat TL", "Birim Fiyat (₺)", "Birim Fiyat (KDV Dahil)"]
)
def test_currency_and_vat_in_a_heading_do_not_hide_it(heading):
    assert places([heading]) == {"unit_price": heading}


@pytest.mark.parametrize(
    ("heading", "vat"),
    [
        ("Birim Fiyat", ""), ("Birim Fiyat (KDV Dahil)", "included"), ("KDV Hariç Birim Fiyat", "excluded"),
        ("Birim Fiyat (KDV'siz)", "excluded"), ("Unit Price (incl. VAT)", "included"), ("Unit Price ex. tax", "excluded"),
    ],
)  # fmt: skip
def test_a_price_heading_tells_about_vat(heading, vat):
    assert columns.match([heading], GENERAL, {}, "").vat == vat


def test_percent_and_amount_of_a_discount_are_different_headings():
    assert places(["İndirim", "İndirim %"]) == {"discount": "İndirim", "discount_rate": "İndirim %"}


def test_the_sellers_mapping_wins_over_everything():
    headings = ["Ref", "Sipariş No", "Ürün Adı"]
    assert places(headings, {"number": "ref"}) == {"number": "Ref", "product": "Ürün Adı"}


def test_a_field_can_be_switched_off():
    assert "discount" not in places(["Sipariş No", "İndirim"], {"discount": ""})


def test_a_configured_heading_that_is_not_there_is_reported():
    found = columns.match(["Sipariş No"], GENERAL, {"sku": "Kod"}, "")
    assert found.absent == (("sku", "Kod"),)


def test_the_second_of_two_equal_headings_can_be_chosen():
    headings = ["Adres", "Sipariş No", "Adres"]
    found = columns.match(headings, GENERAL, {"billing_address": "Adres#2", "ship_address": "Adres#1"}, "")
    assert (found.places["billing_address"], found.places["ship_address"]) == (2, 0)
    assert columns.match(headings, GENERAL, {}, "").repeated == {"address": (0, 2)}
    assert columns.match(headings, GENERAL, {"address": "Adres#7"}, "").absent == (("address", "Adres#7"),)


def test_the_more_exact_heading_of_a_field_is_taken():
    assert places(["Tarih", "Sipariş Tarihi"])["placed_at"] == "Sipariş Tarihi"


def test_missing_required_columns_are_told_by_group():
    found = columns.match(["Sipariş No", "Ürün Adı"], GENERAL, {}, "")
    assert [group[0] for group in found.missing()] == ["placed_at", "buyer_name", "quantity", "unit_price"]


def test_no_two_fields_share_a_heading():
    seen = {}
    for field in FIELDS.values():
        for heading in field.headings:
            key = columns._key(heading)
            assert seen.setdefault(key, field.name) == field.name, heading
