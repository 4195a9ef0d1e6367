"""Settings of an ikas connection."""

from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from kopru_ikas.queries import OPTIONAL_FIELDS

CONFIG_VERSION = 1
PRODUCTION = "https://api.myikas.com"


class Environment(StrEnum):
    """Which system is called. ``simulator`` is a test server on this machine."""

    PRODUCTION = "production"
    SIMULATOR = "simulator"


class ApiVersion(StrEnum):
    """Version of the admin interface. The two have different schemas."""

    V1 = "v1"
    V2 = "v2"


class SortForm(StrEnum):
    """How "ascending by this field" is written for the order list, which ikas does not document."""

    PLAIN = "{field}"
    WORD = "{field} asc"
    COLON = "{field}:asc"


class BatchAnswer(StrEnum):
    """What version 2 answers to a stock or price write; two shapes are in use."""

    ERRORS = "errors"
    ERROR_INPUTS = "error_inputs"


class CancelPrice(StrEnum):
    """What ikas takes as the price of a cancelled line: that of one unit, or of all that is cancelled."""

    UNIT = "unit"
    LINE = "line"


class Handling(StrEnum):
    """What is done with orders that somebody else may have invoiced already."""

    ASK = "ask"
    READ = "read"
    SKIP = "skip"


class IkasConfig(BaseModel):
    """What a merchant enters to connect an ikas shop."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(
        title="Client ID",
        description="ikas paneli → Uygulamalar → Uygulamalarım → Özel Uygulamalar.",
        min_length=1,
        max_length=200,
    )
    client_secret: SecretStr = Field(
        title="Client Secret",
        description="Özel uygulama oluşturulurken bir kez gösterilir. Webhook imzası da bununla denetlenir.",
        min_length=1,
    )
    api_version: ApiVersion = Field(
        ApiVersion.V2,
        title="API sürümü",
        description="v2 önerilir. v1 yalnız eski uygulamalar içindir; yazma işlemlerinin adları farklıdır.",
    )
    environment: Environment = Field(
        Environment.PRODUCTION, title="Ortam", description="Canlı sistem ya da bu makinedeki simülatör."
    )
    base_url: str = Field(
        "",
        title="Sunucu adresi",
        description="Boş bırakın. Yalnız ikas adresini değiştirirse ya da deneme ortamında girilir.",
    )
    requests_per_10s: int = Field(
        40,
        title="10 saniyede en çok istek",
        description="ikas uygulama ve mağaza başına 10 saniyede 50 isteğe izin verir; pay bırakın.",
        ge=1,
        le=50,
    )
    stock_location_id: str = Field(
        "",
        title="Stok lokasyonu",
        description="Stokların yazılacağı ve okunacağı lokasyonun kimliği. Mağazada tek lokasyon varsa boş "
        "bırakılabilir; birden çoksa bağlantı denetimi kimlikleri listeler.",
        max_length=100,
    )
    price_list_id: str = Field(
        "",
        title="Fiyat listesi",
        description="Fiyatların yazılacağı fiyat listesinin kimliği; boşsa mağazanın ana fiyatları.",
        max_length=100,
    )
    batch_rows: int = Field(
        100,
        title="Bir istekte en çok satır",
        description="ikas stok yazmada bir sınır belirtmez; istekler reddedilirse düşürün.",
        ge=1,
        le=100,
    )
    batch_answer: BatchAnswer = Field(
        BatchAnswer.ERRORS,
        title="Stok ve fiyat yanıtının biçimi (v2)",
        description="Stok ya da fiyat sorgusu geçersiz diye reddedilirse diğer biçimi seçin.",
    )
    default_vat_rate: Decimal | None = Field(
        None,
        title="Varsayılan KDV oranı",
        description="ikas'ta KDV oranı tanımlı olmayan satırlar için. Boşsa oran bilinmiyor sayılır ve kendi "
        "stok kartınızdan gelir.",
        ge=0,
        le=100,
    )
    shipping_vat_rate: Decimal | None = Field(
        None,
        title="Kargo ve hediye paketi KDV oranı",
        description="Kargo ya da hediye paketi satırında oran yoksa kullanılır.",
        ge=0,
        le=100,
    )
    prices_exclude_vat: bool = Field(
        False,
        title="Fiyatlar KDV hariç",
        description="Mağazanın vergi ayarında fiyatlar KDV hariçse açın; bağlantı denetimi karşılaştırır.",
    )
    sales_channels: tuple[str, ...] = Field(
        (),
        title="Satış kanalları",
        description="Yalnız bu satış kanallarının (kimlik ya da ad) siparişleri okunur; boşsa hepsi.",
    )
    imported_orders: Handling = Field(
        Handling.ASK,
        title="Başka sistemden aktarılan siparişler",
        description="Kaynak numarası taşıyan (örneğin pazaryerinden aktarılmış) siparişler: read okur, "
        "skip atlar, ask karar verilene dek bekletir. Pazaryeri ayrıca bağlıysa skip seçin.",
    )
    register_orders: Handling = Field(
        Handling.ASK,
        title="Kasa (POS) siparişleri",
        description="Müşterisiz kasa satışlarının fişi çoğu kez yazarkasadan çıkmıştır: read okur, skip "
        "atlar, ask bekletir.",
    )
    changed_products_only: bool = Field(
        False,
        title="Yalnız değişen ürünleri oku",
        description="Kapalıyken her okumada bütün ürünler gelir.",
    )
    sort_form: SortForm = Field(
        SortForm.PLAIN,
        title="Sıralama yazımı",
        description="Sipariş listesinin sıralama ifadesi. Sıra tutmazsa bütün pencere sayfa sayfa okunur.",
    )
    left_out_fields: tuple[str, ...] = Field(
        (),
        title="İstenmeyen sipariş alanları",
        description="ikas bir alanı tanımadığını söylerse (bağlantı denetimi bildirir) adını buraya yazın.",
    )
    invoice_app_id: str = Field(
        "",
        title="Faturayı ekleyen uygulama kimliği",
        description="Boş bırakın: v1'de yetkili uygulamadan okunur, v2'de gönderilmez.",
        max_length=100,
    )
    notify_customer: bool = Field(
        False,
        title="Müşteriye bildirim gönder",
        description="Fatura, kargo ve paket işlemlerinde ikas'ın müşteriye bildirim göndermesi.",
    )
    restock_cancelled: bool = Field(
        True, title="İptalde stoğu geri al", description="İptal edilen satırların stoğu ikas'ta geri eklenir."
    )
    cancel_price: CancelPrice = Field(
        CancelPrice.UNIT,
        title="İptalde bildirilen fiyat",
        description="İptal fiyat uyuşmazlığıyla reddedilirse line seçin (birim yerine satır tutarı).",
    )
    graphql_path: str = Field(
        "/api/{version}/admin/graphql",
        title="GraphQL yolu",
        description="ikas yolu değiştirirse; {version} yerine API sürümü gelir.",
        pattern=r"^/[A-Za-z0-9/_.{}-]*graphql$",
    )
    token_path: str = Field(
        "/api/admin/oauth/token",
        title="OAuth yolu",
        description="Erişim anahtarının alındığı yol.",
        pattern=r"^/[A-Za-z0-9/_.-]+$",
    )

    @field_validator("graphql_path")
    @classmethod
    def _known_places(cls, path: str) -> str:
        if set("{}") & set(path.replace("{version}", "")):
            raise ValueError("Yolda yalnız {version} kullanılabilir.")
        return path

    @field_validator("left_out_fields")
    @classmethod
    def _optional(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not set(names) <= OPTIONAL_FIELDS:
            raise ValueError(f"Yalnız şu alanlar çıkarılabilir: {', '.join(sorted(OPTIONAL_FIELDS))}.")
        return names

    @model_validator(mode="after")
    def _filters_are_read(self) -> Self:
        left_out = set(self.left_out_fields)
        if self.sales_channels and "salesChannel" in left_out:
            raise ValueError("Satış kanalı seçiliyken salesChannel alanı çıkarılamaz.")
        if self.imported_orders is not Handling.READ and "sourceId" in left_out:
            raise ValueError("sourceId alanı ancak aktarılan siparişler okunuyorsa (read) çıkarılabilir.")
        return self

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
        return self.base_url or PRODUCTION

    @property
    def graphql(self) -> str:
        """Return the path of the interface."""
        return self.graphql_path.replace("{version}", self.api_version.value)


def _is_loopback(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
