"""Settings of one order-file connection."""

from decimal import Decimal
from difflib import get_close_matches
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from kopru.model import Number, OrderStatus
from kopru.toolkit import fold
from kopru_orderfile.fields import FIELDS
from kopru_orderfile.profiles import PROFILES

AUTO: Literal["auto"] = "auto"


class OrderFileConfig(BaseModel):
    """How one seller's files are read. Everything but the folder has a default that fits most exports."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str = Field(
        min_length=1, title="Klasör", description="Sipariş dosyalarının bırakıldığı klasörün tam yolu."
    )
    pattern: str = Field(
        default="*",
        min_length=1,
        title="Dosya adı kalıbı",
        description="Yalnızca bu kalıba uyan dosyalar okunur; örneğin siparis*.xlsx. CSV, TXT, TSV "
        "ve XLSX okunur.",
    )
    profile: str = Field(
        default=AUTO,
        title="Hazır profil",
        description="auto: dosya başlıklarından tanınır. Seçenekler: " + ", ".join(PROFILES) + ".",
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        title="Sütun eşlemesi",
        description="Alan adı = dosyadaki başlık. Aynı başlık iki kez geçiyorsa ikincisi için "
        "Başlık#2 yazın; bir alanı kapatmak için boş bırakın.",
    )
    encoding: str = Field(
        default=AUTO,
        title="Karakter kodlaması",
        description="auto: kendiliğinden bulunur. Örnekler: utf-8, windows-1254, iso-8859-9, utf-16.",
    )
    delimiter: Literal["auto", ";", ",", "\t", "|"] = Field(
        default=AUTO, title="Ayırıcı", description="CSV sütun ayırıcısı; auto: kendiliğinden bulunur."
    )
    numbers: Literal["auto", "turkish", "international"] = Field(
        default=AUTO,
        title="Sayı biçimi",
        description="turkish: 1.234,56, international: 1,234.56. auto: sütundaki sayılardan "
        "anlaşılır; anlaşılamazsa sipariş bekletilir.",
    )
    dates: Literal["auto", "day_first", "month_first"] = Field(
        default=AUTO,
        title="Tarih sırası",
        description="03/05/2026 gibi tarihler için: day_first gün/ay, month_first ay/gün. auto: "
        "sütundan anlaşılır.",
    )
    timezone: str = Field(
        default="Europe/Istanbul",
        title="Saat dilimi",
        description="Dosyadaki saatlerin dilimi.",
    )
    sheet: str = Field(
        default="", title="Sayfa adı", description="XLSX sayfası; boşsa sipariş içeren bütün sayfalar okunur."
    )
    prices: Literal["auto", "included", "excluded"] = Field(
        default=AUTO,
        title="Fiyatlarda KDV",
        description="included: KDV dahil, excluded: KDV hariç. auto: başlıktaki KDV Dahil/Hariç "
        "yazısı, yoksa dahil.",
    )
    price_means: Literal["auto", "unit", "line"] = Field(
        default=AUTO,
        title="“Fiyat” sütunu",
        description="unit: birim fiyat, line: satır tutarı. auto: toplamlarla karşılaştırılır.",
    )
    total_means: Literal["auto", "line", "order"] = Field(
        default=AUTO,
        title="“Toplam” sütunu",
        description="line: satır tutarı, order: sipariş toplamı. auto: satırlarla karşılaştırılır.",
    )
    vat_means: Literal["auto", "rate", "amount"] = Field(
        default=AUTO,
        title="“KDV” sütunu",
        description="rate: oran, amount: tutar. auto: sütundaki sayılardan anlaşılır.",
    )
    order_amounts: Literal["once", "sum"] = Field(
        default="once",
        title="Siparişe ait tutarlar",
        description="Kargo ücreti, kapıda ödeme ücreti ve sipariş indirimi satırlarda "
        "yineleniyorsa once: bir kez sayılır, sum: satırlardaki tutarlar toplanır.",
    )
    default_vat: Number | None = Field(
        default=None,
        ge=0,
        le=100,
        title="Varsayılan KDV oranı",
        description="KDV sütunu boş olan satırlar için yüzde. Boşsa oran stok kartından alınır.",
    )
    shipping_vat: Number = Field(
        default=Decimal(20),
        ge=0,
        le=100,
        title="Kargo KDV oranı",
        description="Kargo ve kapıda ödeme satırlarının KDV yüzdesi.",
    )
    currency: str = Field(
        default="TRY",
        pattern=r"^[A-Z]{3}$",
        title="Para birimi",
        description="Para birimi sütunu yoksa kullanılır.",
    )
    default_status: OrderStatus = Field(
        default=OrderStatus.NEW,
        title="Varsayılan durum",
        description="Durum sütunu yoksa ya da boşsa siparişin durumu.",
    )
    statuses: dict[str, OrderStatus] = Field(
        default_factory=dict,
        title="Durum eşlemesi",
        description="Dosyadaki durum sözcüğü = durum. Yaygın sözcükler zaten tanınır; buradakiler "
        "önce gelir.",
    )
    invoiced_orders: Literal["hold", "import"] = Field(
        default="hold",
        title="Faturası kesilmiş siparişler",
        description="Dosyada fatura numarası olan siparişler: hold: ikinci fatura kesilmesin diye "
        "bekletilir, import: içe aktarılır.",
    )
    payment_agent: str = Field(
        default="",
        max_length=200,
        title="Ödeme kuruluşu",
        description="Sütunu yoksa e-Arşiv faturada yazılacak ödeme aracısı.",
    )
    group_by: Literal["order", "package"] = Field(
        default="order",
        title="Fatura birimi",
        description="order: sipariş numarası başına bir kayıt, package: paket numarası başına bir kayıt.",
    )
    fill_down: bool = Field(
        default=False,
        title="Boş sipariş no üstteki siparişe aittir",
        description="Sipariş numarası yalnızca ilk satırda yazılıysa açın.",
    )

    @field_validator("pattern")
    @classmethod
    def _inside_the_folder(cls, value: str) -> str:
        if value.startswith(("/", "\\")) or ".." in value:
            raise ValueError("the pattern must stay inside the folder")
        return value

    @field_validator("profile")
    @classmethod
    def _known_profile(cls, value: str) -> str:
        if value != AUTO and value not in PROFILES:
            raise ValueError(f"unknown profile; choose one of: {AUTO}, {', '.join(PROFILES)}")
        return value

    @field_validator("columns")
    @classmethod
    def _known_fields(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if name not in FIELDS:
                near = get_close_matches(name, FIELDS, n=1)
                hint = f"; did you mean {near[0]}?" if near else f"; known fields: {', '.join(FIELDS)}"
                raise ValueError(f"unknown field {name!r}{hint}")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        if value == AUTO:
            return value
        try:
            "a".encode(value)
        except LookupError as error:
            raise ValueError(f"unknown encoding {value!r}; for example utf-8 or windows-1254") from error
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {value!r}; for example Europe/Istanbul") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the clocks in the files."""
        return ZoneInfo(self.timezone)

    @property
    def status_words(self) -> dict[str, OrderStatus]:
        """Return the seller's own status words by their folded key."""
        return {fold.key(word): status for word, status in self.statuses.items()}
