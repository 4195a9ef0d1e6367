"""Settings of a Nilvera connection."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LIVE_URL = "https://api.nilvera.com"
TEST_URL = "https://apitest.nilvera.com"


class NilveraConfig(BaseModel):
    """What an operator enters for one Nilvera account."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Nilvera")

    api_key: SecretStr = Field(
        min_length=1,
        title="API anahtarı",
        description="Nilvera portalında üretilen anahtar. Test ve canlı ortamın anahtarları ayrıdır.",
    )
    environment: Literal["live", "test"] = Field(
        default="live",
        title="Ortam",
        description="Belgelerin gerçekten kesildiği canlı ortam ya da deneme ortamı.",
    )
    tax_number: str = Field(
        default="",
        pattern=r"^(\d{10,11})?$",
        title="VKN / TCKN",
        description="Faturayı kesen firmanın numarası. Doluysa anahtarın bu firmaya ait olduğu denetlenir.",
    )
    template_e_invoice: UUID | None = Field(
        default=None,
        title="e-Fatura şablonu",
        description="Görünüm şablonunun UUID değeri. Boşsa portaldaki varsayılan şablon kullanılır.",
    )
    template_e_archive: UUID | None = Field(
        default=None,
        title="e-Arşiv şablonu",
        description="Görünüm şablonunun UUID değeri. Boşsa portaldaki varsayılan şablon kullanılır.",
    )
    create_missing_series: bool = Field(
        default=True,
        title="Eksik seriyi tanımla",
        description="Nilvera seriyi tanımıyorsa (hata 3009) seri orada açılır ve belge yeniden gönderilir.",
    )
    page_size: int = Field(
        default=100,
        ge=1,
        le=1000,
        title="Liste sayfa boyu",
        description="Bir liste sorgusunda istenen en çok kayıt. Nilvera bir üst sınır yayımlamıyor.",
    )
    sort_column: str = Field(
        default="CreationDateTime",
        pattern=r"^[A-Za-z]{0,40}$",
        title="Liste sıralama alanı",
        description="Listelerin artan sırada dizildiği alan (SortColumn). Boşsa Nilvera'nın kendi sırası.",
    )
    inbox_date_filter: Literal["EnvelopeDate", "IssueDate", "CreatedDate"] = Field(
        default="EnvelopeDate",
        title="Gelen kutusu tarih ölçütü",
        description="Gelen faturaların hangi tarihe göre süzüleceği (DateFilterType).",
    )
    naive_times: Literal["istanbul", "utc"] = Field(
        default="istanbul",
        title="Dilimsiz saatler",
        description="Nilvera'nın saat dilimi yazmadan verdiği zamanların hangi dilimde okunacağı.",
    )
    request_timeout: int = Field(
        default=30,
        ge=5,
        le=120,
        title="Yanıt süresi (sn)",
        description="Bir çağrının en uzun süresi, saniye.",
    )
    live_url: str = Field(
        default=LIVE_URL, pattern=r"^https?://", title="Canlı adres", description="Canlı ortamın kök adresi."
    )
    test_url: str = Field(
        default=TEST_URL,
        pattern=r"^https?://",
        title="Test adresi",
        description="Deneme ortamının kök adresi.",
    )
    local_network: bool = Field(
        default=False,
        title="Yerel sunucu",
        description="Adres kendi ağınızdaki bir sunucuyu (örneğin simülatörü) gösteriyorsa açın.",
    )

    @property
    def base_url(self) -> str:
        """Return the root address of the environment in use."""
        return self.live_url if self.environment == "live" else self.test_url
