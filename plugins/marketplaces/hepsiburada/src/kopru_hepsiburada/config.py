"""Settings of a Hepsiburada connection."""

from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

CONFIG_VERSION = 1

_SUFFIX = {"production": "", "sit": "-sit"}


class Environment(StrEnum):
    """Which of Hepsiburada's systems is called. ``simulator`` is a test server on this machine."""

    PRODUCTION = "production"
    SIT = "sit"
    SIMULATOR = "simulator"


class Packaging(StrEnum):
    """Who makes packages: Hepsiburada (or the merchant's own people), or this connector."""

    AUTO = "auto"
    MANUAL = "manual"


class PriceBase(StrEnum):
    """What the buyer's invoice shows as the price of a line; how the amounts relate is not documented."""

    UNIT_PRICE = "unitPrice"
    LESS_HB_DISCOUNT = "unitPriceLessHbDiscount"
    LESS_DISCOUNTS = "unitPriceLessDiscounts"
    MERCHANT_PRICE = "merchantUnitPrice"


class StoredInvoice(StrEnum):
    """What a refusal "an invoice was already added" comes to; the stored address cannot be read."""

    ACCEPT = "accept"
    ASK = "ask"


class LabelKind(StrEnum):
    """Form in which labels are asked for."""

    ZPL = "zpl"
    PDF = "pdf"


class HepsiburadaConfig(BaseModel):
    """What a merchant enters to connect a Hepsiburada shop."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    merchant_id: str = Field(
        title="Merchant ID (satıcı kimliği)",
        description="Satıcı paneli → Bilgilerim → Entegrasyon → Entegratör Bilgileri.",
        pattern=r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
    )
    service_key: SecretStr = Field(
        title="Servis anahtarı",
        description="Aynı ekranda entegratörünüz için üretilir. Yetkinin işlemesi iki saati bulabilir.",
        min_length=1,
    )
    user_agent: str = Field(
        title="Entegratör adı (User-Agent)",
        description="Hepsiburada'da kayıtlı entegratör adınız, harfi harfine ve başka ek olmadan.",
        pattern=r"^[\x21-\x7e]([\x20-\x7e]{0,98}[\x21-\x7e])?$",
    )
    basic_username: str = Field(
        "",
        title="Kullanıcı adı",
        description="Boşsa Merchant ID kullanılır. Bazı hesaplar entegratör (geliştirici) kullanıcı adını "
        "ister; bağlantı denetimi ikisini de dener ve hangisinin geçtiğini söyler.",
        max_length=200,
        pattern=r"^[^:]*$",
    )
    environment: Environment = Field(
        Environment.PRODUCTION,
        title="Ortam",
        description="Canlı (production), Hepsiburada'nın deneme ortamı (sit) ya da bu makinedeki simülatör.",
    )
    oms_url: str = Field(
        "",
        title="Sipariş sunucusu",
        description="Boş bırakın. Yalnız Hepsiburada adresi değiştirirse ya da simülatörle denerken girilir.",
    )
    listing_url: str = Field(
        "",
        title="İlan sunucusu",
        description="Boş bırakın. Yalnız Hepsiburada adresi değiştirirse ya da simülatörle denerken girilir.",
    )
    open_lookback_days: int = Field(
        30,
        title="Açık siparişlerde geriye bakış (gün)",
        description="Paketi bozulan eski siparişler yeniden açılır; açık satırlar bu kadar geriden okunur.",
        ge=1,
        le=90,
    )
    status_every_minutes: int = Field(
        60,
        title="Kargo durumlarının okunma aralığı (dakika)",
        description="Kargolanan ve teslim edilen listelerinde tarih süzgeci yoktur; her okumada bir aylık "
        "liste baştan sona gezilir. İptaller bundan bağımsız, her okumada alınır.",
        ge=5,
        le=1440,
    )
    status_lookback_hours: int = Field(
        24,
        title="Durum listelerinde geriye bakış (saat)",
        description="Bu listelerde tarihi bundan eski olan satırlar atlanır; tarihsiz satırlar hep okunur.",
        ge=1,
        le=720,
    )
    times_are_utc: bool = Field(
        False,
        title="Dilimsiz saatler UTC",
        description="Saat dilimi yazılmamış tarihler Türkiye saati sayılır. Siparişler 3 saat kaymışsa açın.",
    )
    invoice_price_base: PriceBase = Field(
        PriceBase.UNIT_PRICE,
        title="Fatura fiyatı",
        description="Alıcının ödediği tutarın hangi alandan geldiği. Canlıya geçmeden gerçek bir siparişle "
        "karşılaştırın; KDV tutarı uymayan satırlar uyarı alır.",
    )
    payment_agent: str = Field(
        "Hepsiburada",
        title="Ödeme aracısı",
        description="İnternet satışı faturasında ödemeye aracılık eden olarak yazılır.",
        max_length=200,
    )
    packaging: Packaging = Field(
        Packaging.AUTO,
        title="Paketleme",
        description="auto: paketi Hepsiburada (ödemeden yaklaşık 15 dakika sonra) ya da siz yaparsınız. "
        "manual: paketi Köprü yapar. Satıcı panelindeki ayarla aynı olmalı.",
    )
    parcel_count: int = Field(1, title="Koli adedi", description="Köprü paket yaparken.", ge=1, le=99)
    parcel_deci: Decimal = Field(
        Decimal(1), title="Desi", description="Köprü paket yaparken ve kendi kargonuzda.", gt=0, le=1000
    )
    cargo_company: str = Field(
        "",
        title="Kargo firması",
        description="Köprü paket yaparken; boşsa Hepsiburada'nın satıra atadığı firma.",
        max_length=100,
    )
    warehouse_label: str = Field(
        "",
        title="Depo etiketi (shippingAddressLabel)",
        description="Köprü paket yaparken; boşsa satırın kendi deposu.",
        max_length=200,
    )
    own_cargo: bool = Field(
        False,
        title="Kendi kargom",
        description="Kargolandı bilgisi yalnız kendi kargonuzda gönderilir; anlaşmalı firmalar kendileri "
        "bildirir.",
    )
    cancel_reason: str = Field(
        "",
        title="İptal nedeni (reasonId)",
        description="İptalde neden verilmezse gönderilir. Numaralar satıcı panelinin belgelerindedir. İptal "
        "ceza doğurur ve günde 100 ile sınırlıdır.",
        pattern=r"^[0-9]{0,9}$",
    )
    unpack_to_cancel: bool = Field(
        False,
        title="İptal için paketi boz",
        description="Yalnız açık satır iptal edilir. Açıksa kargoya verilmemiş paket önce bozulur.",
    )
    invoice_per_order: bool = Field(
        True,
        title="Fatura linkini sipariş numarasıyla bildir",
        description="Bir pakette birden çok sipariş olabilir; açıkken link siparişin numarasıyla gönderilir.",
    )
    stored_invoice: StoredInvoice = Field(
        StoredInvoice.ACCEPT,
        title="Fatura zaten eklenmişse",
        description="Hepsiburada eklenmiş linki göstermez. accept: iş tamam sayılır, ask: size sorulur.",
    )
    label_kind: LabelKind = Field(LabelKind.ZPL, title="Etiket biçimi", description="Kargo etiketi.")
    products_page: int = Field(
        100,
        title="İlan sayfası",
        description="Bir istekte okunan ilan. Hepsiburada sınırı belgelemez; istek reddedilirse düşürün.",
        ge=1,
        le=1000,
    )
    first_element: int = Field(
        1,
        title="Yükleme hatasında ilk satırın numarası",
        description="elementNo'nun 0'dan mı 1'den mi başladığı belgelenmemiştir.",
        ge=0,
        le=1,
    )
    upload_patience_minutes: int = Field(
        120,
        title="Yükleme sonucu için bekleme (dakika)",
        description="Bu süre sonunda hâlâ işleniyor görünen stok ve fiyat yüklemesi yeniden gönderilir.",
        ge=5,
        le=1440,
    )
    claims_by_status_date: bool = Field(
        True,
        title="İadeleri durum tarihine göre oku",
        description="Kapalıyken açılış tarihine göre okunur ve aşağıdaki gün kadar geriye bakılır.",
    )
    claim_lookback_days: int = Field(
        30,
        title="İadeler için geriye bakış (gün)",
        description="Yalnız açılış tarihine göre okunurken.",
        ge=0,
        le=180,
    )
    webhook_user: str = Field(
        "",
        title="Webhook kullanıcı adı",
        description="Hepsiburada desteğine webhook için verdiğiniz kullanıcı adı.",
        max_length=200,
    )
    webhook_password: SecretStr = Field(
        SecretStr(""), title="Webhook parolası", description="Webhook için verdiğiniz parola."
    )

    @field_validator("oms_url", "listing_url")
    @classmethod
    def _is_address(cls, address: str) -> str:
        if address and urlsplit(address).scheme not in ("http", "https"):
            raise ValueError("Adres https:// ile başlamalı.")
        return address.rstrip("/")

    @model_validator(mode="after")
    def _simulator_is_here(self) -> Self:
        local = all(_is_loopback(address) for address in (self.oms_url, self.listing_url))
        if self.environment is Environment.SIMULATOR and not local:
            raise ValueError(
                "Simülatör ortamı için bu makinedeki iki sunucunun adresini girin (http://127.0.0.1:…)."
            )
        return self

    @property
    def username(self) -> str:
        """Return the user name of basic authentication."""
        return self.basic_username.strip() or self.merchant_id

    @property
    def oms(self) -> str:
        """Return the address of the server of orders, packages and claims."""
        return self.oms_url or self._host("oms-external")

    @property
    def listing(self) -> str:
        """Return the address of the server of listings, stock and prices."""
        return self.listing_url or self._host("listing-external")

    def _host(self, service: str) -> str:
        return f"https://{service}{_SUFFIX[self.environment]}.hepsiburada.com"


def _is_loopback(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
