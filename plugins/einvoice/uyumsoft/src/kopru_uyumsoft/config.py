"""Settings of an Uyumsoft connection."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LIVE_URL = "https://efatura.uyumsoft.com.tr"
TEST_URL = "https://efatura-test.uyumsoft.com.tr"

_PATHS = {"integration": "/Services/Integration", "basic": "/Services/BasicIntegration"}


class UyumsoftConfig(BaseModel):
    """What an operator enters for one Uyumsoft account."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Uyumsoft")

    username: str = Field(
        min_length=1,
        title="Kullanıcı adı",
        description="Uyumsoft'un verdiği web servis kullanıcısı; portal kullanıcısı olmayabilir.",
    )
    password: SecretStr = Field(
        min_length=1, title="Parola", description="Web servis kullanıcısının parolası."
    )
    environment: Literal["live", "test"] = Field(
        default="live",
        title="Ortam",
        description="Belgelerin gerçekten kesildiği canlı ortam ya da deneme ortamı.",
    )
    interface: Literal["integration", "basic"] = Field(
        default="integration",
        title="Arayüz",
        description=(
            "integration: oturum bilgisi WS-Security başlığında. basic: bilgi her çağrının içinde "
            "(BasicIntegration). Uyumsoft hesabınıza hangisini açtıysa onu seçin."
        ),
    )
    tax_number: str = Field(
        default="",
        pattern=r"^(\d{10,11})?$",
        title="VKN / TCKN",
        description="Faturayı kesen firmanın numarası. Doluysa hesabın bu firmaya ait olduğu denetlenir.",
    )
    archive_delivery: Literal["electronic", "paper"] = Field(
        default="electronic",
        title="e-Arşiv teslim şekli",
        description="İnternet satışı olmayan e-Arşiv faturalarının teslim şekli.",
    )
    page_size: int = Field(
        default=100,
        ge=1,
        le=1000,
        title="Liste sayfa boyu",
        description="Bir liste sorgusunda istenen en çok kayıt. Uyumsoft bir üst sınır yayımlamıyor.",
    )
    status_batch: int = Field(
        default=20,
        ge=1,
        le=500,
        title="Durum sorgusu boyu",
        description="Bir durum sorgusunda sorulan en çok belge. Uyumsoft bir üst sınır yayımlamıyor.",
    )
    inbox_date_filter: Literal["Create", "Execution"] = Field(
        default="Create",
        title="Gelen kutusu tarih ölçütü",
        description="Gelen faturaların süzüldüğü tarih: Create geliş zamanı, Execution fatura tarihi.",
    )
    request_timeout: int = Field(
        default=30,
        ge=5,
        le=120,
        title="Yanıt süresi (sn)",
        description="Bir çağrının en uzun süresi, saniye.",
    )
    service_path: str = Field(
        default="",
        pattern=r"^(/[A-Za-z0-9/_.-]+)?$",
        title="Servis yolu",
        description="Servisin adresteki yolu. Boşsa seçilen arayüzün bilinen yolu.",
    )
    description_query: str = Field(
        default="wsdl",
        pattern=r"^[A-Za-z0-9=&]{1,40}$",
        title="WSDL sorgusu",
        description="Servis tanımının okunduğu sorgu: wsdl ya da singleWsdl.",
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

    @property
    def service_url(self) -> str:
        """Return the address of the service in use."""
        return self.base_url.rstrip("/") + (self.service_path or _PATHS[self.interface])

    @property
    def description_url(self) -> str:
        """Return the address of the service's WSDL."""
        return f"{self.service_url}?{self.description_query}"
