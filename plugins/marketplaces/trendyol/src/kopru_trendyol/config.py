"""Settings of a Trendyol connection."""

from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from string import Formatter
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from kopru_trendyol.codes import CANCEL_REASONS

CONFIG_VERSION = 1

_BASES = {
    "production": "https://apigw.trendyol.com/integration",
    "stage": "https://stageapigw.trendyol.com/integration",
}
_PLACES = {"seller", "package", "tracking", "batch"}


class Environment(StrEnum):
    """Which of Trendyol's systems is called. ``simulator`` is a test server on this machine."""

    PRODUCTION = "production"
    STAGE = "stage"
    SIMULATOR = "simulator"


class OrderSource(StrEnum):
    """How orders are read: the cursor stream, or the paged list (V2)."""

    STREAM = "stream"
    LIST = "list"


class Paths(BaseModel):
    """Addresses below the base; Trendyol moves them now and then, so they can be corrected at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order_stream: str = Field("/order/sellers/{seller}/orders/stream", title="Sipariş akışı")
    order_list: str = Field("/order/sellers/{seller}/v2/orders", title="Sipariş listesi (V2)")
    package: str = Field("/order/sellers/{seller}/shipment-packages/{package}", title="Paket durumu")
    unsupplied: str = Field(
        "/order/sellers/{seller}/shipment-packages/{package}/items/unsupplied", title="Tedarik edilemedi"
    )
    tracking: str = Field(
        "/order/sellers/{seller}/shipment-packages/{package}/update-tracking-number", title="Takip numarası"
    )
    own_delivery: str = Field(
        "/order/sellers/{seller}/shipment-packages/{package}/alternative-delivery", title="Kendi teslimatım"
    )
    claims: str = Field("/order/sellers/{seller}/claims", title="İadeler")
    products: str = Field("/product/sellers/{seller}/products/approved", title="Onaylı ürünler")
    stock_and_price: str = Field(
        "/inventory/sellers/{seller}/products/price-and-inventory", title="Stok ve fiyat"
    )
    batch: str = Field(
        "/product/sellers/{seller}/products/batch-requests/{batch}", title="Toplu işlem sonucu"
    )
    invoice_link: str = Field("/sellers/{seller}/seller-invoice-links", title="Fatura linki")
    label: str = Field("/sellers/{seller}/common-label/{tracking}", title="Ortak etiket")

    @field_validator("*")
    @classmethod
    def _known_places(cls, template: str) -> str:
        try:
            names = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        except ValueError as error:
            raise ValueError("Adres kalıbı okunamadı.") from error
        if not template.startswith("/") or not names <= _PLACES:
            raise ValueError(
                "Adres / ile başlamalı; yalnız {seller}, {package}, {tracking}, {batch} kullanılabilir."
            )
        return template


class TrendyolConfig(BaseModel):
    """What a seller enters to connect a Trendyol shop."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seller_id: str = Field(
        title="Satıcı ID (Cari ID)",
        description="Satıcı paneli → Hesap Bilgilerim → Entegrasyon Bilgileri.",
        pattern=r"^[0-9]{1,12}$",
    )
    api_key: SecretStr = Field(
        title="API Key", description="Aynı ekranda; yalnız ana kullanıcı görebilir.", min_length=1
    )
    api_secret: SecretStr = Field(
        title="API Secret", description="Aynı ekranda; yalnız ana kullanıcı görebilir.", min_length=1
    )
    listings: int = Field(
        0,
        title="İlan sayısı",
        description="Trendyol'un çağrı sınırları mağazadaki ilan sayısıyla artar. Bilmiyorsanız boş bırakın.",
        ge=0,
    )
    environment: Environment = Field(
        Environment.PRODUCTION,
        title="Ortam",
        description="Canlı (production) ya da Trendyol'un deneme ortamı (stage). Deneme ortamı, sunucunuzun "
        "IP adresinin Trendyol'da tanımlı olmasını ister.",
    )
    base_url: str = Field(
        "",
        title="Sunucu adresi",
        description="Boş bırakın. Yalnız Trendyol adresini değiştirirse ya da simülatörle denerken girilir.",
    )
    integrator_name: str = Field(
        "SelfIntegration",
        title="Entegratör adı",
        description="Her istekte Trendyol'a bildirilen ad; kendi yazılımınız için SelfIntegration kalsın.",
        pattern=r"^[A-Za-z0-9]{1,30}$",
    )
    store_front_code: str = Field(
        "",
        title="Mağaza ülke kodu (storeFrontCode)",
        description="Türkiye için boş bırakın; yurt dışı mağazalarında ülke kodu (örneğin DE).",
        pattern=r"^[A-Za-z]{0,5}$",
    )
    order_source: OrderSource = Field(
        OrderSource.STREAM,
        title="Siparişlerin okunma yolu",
        description="Akış (stream) önerilir ve 3 ay geriye gider; liste (list) yedek yoldur ve 1 ay geriye "
        "gider.",
    )
    read_awaiting: bool = Field(
        False,
        title="Ödeme bekleyenleri de oku",
        description="Ödemesi henüz onaylanmamış siparişler (Awaiting) yalnız stok ayırmak için okunur.",
    )
    order_date_offset_hours: int = Field(
        3,
        title="Sipariş tarihi kayması (saat)",
        description="Trendyol sipariş tarihini Türkiye saatiyle verir. Bağlantı denetimi uyarmadıkça "
        "değiştirmeyin.",
        ge=0,
        le=14,
    )
    query_margin_hours: int = Field(
        3,
        title="Liste sorgusu bitiş payı (saat)",
        description="Liste sorgusunun bitişine eklenir: Trendyol sorgu tarihlerini Türkiye saati sayarsa "
        "yeni siparişler gecikmesin.",
        ge=0,
        le=24,
    )
    invoice_time_offset_hours: int = Field(
        0,
        title="Fatura saati kayması (saat)",
        description="Fatura linkiyle giden tarihe eklenir. Trendyol panelinde fatura saati yanlış "
        "görünüyorsa değiştirin.",
        ge=-14,
        le=14,
    )
    claim_lookback_days: int = Field(
        30,
        title="İadeler için geriye bakış (gün)",
        description="Trendyol iadeleri yalnız açılış tarihine göre listeler; açık iadelerdeki değişiklikler "
        "için her okumada bu kadar gün geriye gidilir.",
        ge=0,
        le=180,
    )
    products_by_change: bool = Field(
        False,
        title="Yalnız değişen ürünleri oku",
        description="Kapalıyken her okumada bütün onaylı ürünler gelir.",
    )
    price_currency: str = Field(
        "TRY", title="Fiyat para birimi", description="Mağazanın satış para birimi.", pattern=r"^[A-Z]{3}$"
    )
    payment_agent: str = Field(
        "Trendyol",
        title="Ödeme aracısı",
        description="İnternet satışı faturasında ödemeye aracılık eden olarak yazılır.",
        max_length=200,
    )
    cancel_reason: int = Field(
        500,
        title="Tedarik edilemedi nedeni",
        description="İptalde neden verilmezse: 500 stok tükendi, 501 kusurlu, 502 hatalı fiyat, 504 "
        "entegrasyon hatası, 505 toplu alım, 506 mücbir sebep.",
    )
    box_count: int = Field(
        1, title="Koli adedi", description="Etiket ve kendi teslimatınız için.", ge=1, le=99
    )
    parcel_deci: Decimal = Field(
        Decimal(1), title="Desi", description="Etiket ve kendi teslimatınız için.", gt=0, le=1000
    )
    webhook_user: str = Field(
        "",
        title="Webhook kullanıcı adı",
        description="Webhook'u BASIC_AUTHENTICATION ile açtıysanız.",
        max_length=200,
    )
    webhook_password: SecretStr = Field(
        SecretStr(""), title="Webhook parolası", description="Webhook'u BASIC_AUTHENTICATION ile açtıysanız."
    )
    webhook_api_key: SecretStr = Field(
        SecretStr(""), title="Webhook API anahtarı", description="Webhook'u API_KEY ile açtıysanız."
    )
    paths: Paths = Field(
        Paths(), title="Servis adresleri", description="Trendyol bir servisin yolunu değiştirirse."
    )

    @field_validator("cancel_reason")
    @classmethod
    def _known_reason(cls, reason: int) -> int:
        if reason not in CANCEL_REASONS:
            raise ValueError("Neden 500, 501, 502, 504, 505 ya da 506 olmalı.")
        return reason

    @model_validator(mode="after")
    def _simulator_is_here(self) -> Self:
        if self.environment is Environment.SIMULATOR and not _is_loopback(self.base_url):
            raise ValueError(
                "Simülatör ortamı için bu makinedeki sunucunun adresini girin (http://127.0.0.1:…)."
            )
        return self

    @property
    def address(self) -> str:
        """Return the base address of the remote."""
        return self.base_url or _BASES[self.environment]


def _is_loopback(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
