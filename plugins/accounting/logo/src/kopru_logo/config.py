"""Settings of a Logo connection. What the public material leaves unsure is a setting here."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from kopru.model import PaymentMethod

API_PATH = "/api/v1"


def _base_address(value: str) -> str:
    """Return the address without a closing slash and with the API path exactly once."""
    bare = value.strip().rstrip("/")
    return bare if not bare or bare.endswith(API_PATH) else bare + API_PATH


class TokenBody(StrEnum):
    """Content type of the token request; installations differ."""

    FORM = "application/x-www-form-urlencoded"
    TEXT = "text/plain"
    JSON = "application/json"


class SaleType(StrEnum):
    """Whether sales to a kind of buyer are retail (invoice type 7) or wholesale (8)."""

    RETAIL = "retail"
    WHOLESALE = "wholesale"


class Amounts(StrEnum):
    """How line amounts are written.

    ``vat_included``: prices and discounts with VAT; Logo takes the VAT out, as the invoice did.
    ``vat_excluded``: prices without VAT; Logo adds the VAT by itself and may differ by a kuruş.
    ``given``: without VAT, with all totals, and Logo told not to calculate.
    """

    VAT_INCLUDED = "vat_included"
    VAT_EXCLUDED = "vat_excluded"
    GIVEN = "given"


class GuidHolds(StrEnum):
    """What is written into a document's GUID: the key of the write, or the invoice's ETTN."""

    KEY = "key"
    ETTN = "ettn"


class CancelBy(StrEnum):
    """How a booked invoice is cancelled: marked as cancelled, or deleted."""

    MARK = "mark"
    DELETE = "delete"


class StockSource(StrEnum):
    """Where on-hand quantities are summed: the view over daily totals, or the table of general totals."""

    VIEW = "view"
    TOTALS = "totals"


Code = Annotated[str, Field(max_length=24)]


class Codes(BaseModel):
    """Codes written on cards and documents. An empty code is not written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    auxil_code: Code = Field(default="", title="Özel kod", description="Belge ve cari kartlara yazılır.")
    auth_code: Code = Field(default="", title="Yetki kodu", description="Belge ve cari kartlara yazılır.")
    trading_group: Code = Field(default="", title="Ticari işlem grubu", description="Boşsa yazılmaz.")
    payment_code: Code = Field(default="", title="Ödeme planı kodu", description="Boşsa Logo varsayılanı.")
    project_code: Code = Field(default="", title="Proje kodu", description="Boşsa yazılmaz.")
    salesman_code: Code = Field(default="", title="Satış elemanı kodu", description="Belgelere yazılır.")
    overhead_code: Code = Field(default="", title="Masraf merkezi kodu", description="Boşsa yazılmaz.")
    shipment_type: Code = Field(default="", title="Teslim şekli kodu", description="Belgelere yazılır.")
    shipping_agent: Code = Field(default="", title="Taşıyıcı kodu", description="Belgelere yazılır.")
    party_gl_code: Code = Field(
        default="", title="Cari muhasebe kodu", description="Yeni açılan cari kartlara yazılır."
    )

    def over(self, base: "Codes") -> "Codes":
        """Return these codes, with the base's wherever one is empty here."""
        filled = {name: value for name, value in self.model_dump().items() if value}
        return base.model_copy(update=filled)


class LogoConfig(BaseModel):
    """Settings of a connection to a Logo Objects REST service."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_base_address)] = Field(
        title="Servis adresi", description="Logo REST servisinin adresi, örneğin http://192.168.1.10:32001"
    )
    username: str = Field(title="Logo kullanıcısı", description="Entegrasyona ayrılmış bir Logo kullanıcısı.")
    password: SecretStr = Field(title="Parola", description="Logo kullanıcısının parolası.")
    firm: int = Field(ge=1, le=999, title="Firma no", description="Logo firma numarası.")
    period: int = Field(
        default=1, ge=1, le=99, title="Dönem no", description="Çalışılan mali dönemin numarası."
    )
    period_start: date | None = Field(
        default=None, title="Dönem başı", description="Bu tarihten önceki belgeler gönderilmez."
    )
    period_end: date | None = Field(
        default=None, title="Dönem sonu", description="Bu tarihten sonraki belgeler gönderilmez."
    )
    client_id: str = Field(
        default="",
        title="İstemci kimliği",
        description="Logo'nun verdiği client id; bazı kurulumlar istemez.",
    )
    client_secret: SecretStr | None = Field(
        default=None, title="İstemci anahtarı", description="Logo'nun verdiği client secret."
    )
    token_body: TokenBody = Field(
        default=TokenBody.FORM,
        title="Giriş içerik türü",
        description="Giriş isteğinin biçimi; kuruluma göre.",
    )
    local: bool = Field(
        default=True,
        title="Yerel ağda",
        description="Servis kendi ağınızdaysa açık kalsın (http'ye izin verir).",
    )
    verify_tls: bool = Field(
        default=True, title="Sertifikayı doğrula", description="Kendinden imzalı sertifikada kapatın."
    )
    write_timeout: int = Field(
        default=120,
        ge=1,
        le=600,
        title="Yazma süresi (sn)",
        description="Bir belgenin kaydı için beklenen süre.",
    )

    sql_door: bool = Field(
        default=True,
        title="SQL sorgu kapısı açık",
        description="Kapalıysa aramalar kaynak listelerinden yapılır; stok ve belge listesi okunamaz.",
    )
    sql_path: Literal["queries", "Queries/unsafe"] = Field(
        default="queries", title="SQL sorgu yolu", description="Kurulumun izin verdiği sorgu adresi."
    )
    sql_page: int = Field(
        default=200, ge=1, le=5000, title="Sorgu sayfası", description="Bir sorguda istenen satır sayısı."
    )
    stock_warehouses: tuple[int, ...] = Field(
        default=(),
        title="Stok ambarları",
        description="Stoğu okunacak ambar numaraları; boşsa hepsinin toplamı.",
    )
    stock_source: StockSource = Field(
        default=StockSource.VIEW, title="Stok kaynağı", description="Stok toplamlarının okunduğu yer."
    )
    subtract_consignment: bool = Field(
        default=False,
        title="Konsinye girişleri düş",
        description="Eldeki miktardan emanet girişler çıkarılır.",
    )
    repair_letters: bool = Field(
        default=False, title="Türkçe harfleri onar", description="Ý, þ, ð gibi okunan harfleri İ, ş, ğ yapar."
    )

    warehouse: int = Field(default=0, ge=0, title="Ambar no", description="Belgelerin ambarı.")
    cost_group: int = Field(default=0, ge=0, title="Maliyet grubu", description="Ambarın maliyet grubu.")
    division: int = Field(default=0, ge=0, title="İşyeri no", description="Belgelerin işyeri.")
    department: int = Field(default=0, ge=0, title="Bölüm no", description="Belgelerin bölümü.")
    factory: int = Field(default=0, ge=0, title="Fabrika no", description="Belgelerin fabrikası.")
    codes: Codes = Field(default=Codes(), title="Kodlar", description="Kart ve belgelere yazılan kodlar.")
    channels: dict[str, Codes] = Field(
        default={}, title="Kanala göre kodlar", description="Satış kanalının adına göre değişen kodlar."
    )
    units: dict[str, str] = Field(
        default={"C62": "ADET"}, title="Birimler", description="Uluslararası birim kodu → Logo birim kodu."
    )
    currencies: dict[str, int] = Field(
        default={"USD": 1, "EUR": 20, "GBP": 17, "TRY": 160},
        title="Döviz numaraları",
        description="Döviz kodu → Logo döviz türü numarası (L_CURRENCYLIST).",
    )
    reporting_rate: Decimal | None = Field(
        default=Decimal(1), gt=0, title="Raporlama kuru", description="Boşsa kuru Logo belirler."
    )

    person_sale: SaleType = Field(
        default=SaleType.RETAIL, title="Şahsa satış", description="Perakende (7) ya da toptan (8)."
    )
    company_sale: SaleType = Field(
        default=SaleType.WHOLESALE, title="Şirkete satış", description="Perakende (7) ya da toptan (8)."
    )
    amounts: Amounts = Field(
        default=Amounts.VAT_INCLUDED,
        title="Tutarların yazımı",
        description="KDV dahil, hariç ya da hazır toplam.",
    )
    with_dispatch: bool = Field(
        default=True, title="İrsaliye ile", description="Faturayla birlikte irsaliye fişi oluşturulur."
    )
    fill_account_codes: bool = Field(
        default=True, title="Muhasebe kodlarını doldur", description="Bağlantı kartlarına göre Logo doldurur."
    )
    shipping_service: Code = Field(
        default="", title="Kargo hizmet kodu", description="Kargo satırının hizmet kartı; boşsa satırın kodu."
    )
    fee_service: Code = Field(
        default="",
        title="Ek ücret hizmet kodu",
        description="Hizmet bedeli satırının kartı; boşsa satırın kodu.",
    )
    rounding_service: Code = Field(
        default="", title="Yuvarlama hizmet kodu", description="Artı yuvarlama için KDV'siz hizmet kartı."
    )
    guid_holds: GuidHolds = Field(
        default=GuidHolds.KEY, title="GUID alanı", description="Gönderim anahtarı ya da faturanın ETTN'si."
    )
    edocument_fields: bool = Field(
        default=True,
        title="e-Belge alanlarını yaz",
        description="Logo da otomatik e-belge gönderiyorsa kapatın; fatura kâğıt olarak kaydedilir.",
    )
    send_mode: int | None = Field(
        default=2, ge=0, le=2, title="e-Arşiv gönderim", description="0 yok, 1 kâğıt, 2 elektronik."
    )
    payment_types: dict[PaymentMethod, int] = Field(
        default={}, title="Ödeme şekli numaraları", description="Ödeme yöntemi → Logo internet ödeme türü."
    )
    buyer_overrides_card: bool = Field(
        default=False,
        title="Toplu cari kullanılıyor",
        description="e-Arşiv'de alıcı bilgisi kartın yerine geçer.",
    )
    instead_of_despatch: bool = Field(
        default=True, title="İrsaliye yerine geçer", description="İrsaliyesi olmayan faturada işaretlenir."
    )
    link_returns: bool = Field(
        default=True,
        title="İadeyi satışa bağla",
        description="İade satırları asıl faturanın satırlarına bağlanır.",
    )
    cancel_by: CancelBy = Field(
        default=CancelBy.MARK, title="Fatura iptali", description="İptal işaretlenir ya da fatura silinir."
    )

    order_status: Literal[1, 2, 4] = Field(
        default=4, title="Sipariş durumu", description="1 öneri, 2 sevk edilemez, 4 sevk edilebilir."
    )
    reserve_stock: bool = Field(
        default=True, title="Rezerve et", description="Sipariş satırları rezerve edilir."
    )

    account_type: Literal[1, 2, 3] = Field(
        default=3, title="Cari türü", description="Yeni kart: 1 alıcı, 2 satıcı, 3 alıcı ve satıcı."
    )
    title_length: int = Field(
        default=200,
        ge=20,
        le=400,
        title="Unvan uzunluğu",
        description="Eski sürümlerde 50; kalanı ikinci alana.",
    )
    address_length: int = Field(
        default=200,
        ge=20,
        le=400,
        title="Adres uzunluğu",
        description="Eski sürümlerde 50; kalanı ikinci alana.",
    )
    line_text_length: int = Field(
        default=250, ge=20, le=250, title="Satır açıklaması uzunluğu", description="Eski sürümlerde 30."
    )
    unit_set: Code = Field(
        default="05", title="Birim seti", description="Yeni açılan malzeme kartlarının birim seti."
    )
    item_group: Code = Field(
        default="", title="Malzeme grubu", description="Yeni malzeme kartlarının grup kodu."
    )

    @model_validator(mode="after")
    def _period_runs_forward(self) -> Self:
        if self.period_start and self.period_end and self.period_end < self.period_start:
            raise ValueError("the period ends before it starts")
        return self

    def codes_for(self, channel: str) -> Codes:
        """Return the codes of a sales channel: its own over the general ones."""
        own = self.channels.get(channel)
        return own.over(self.codes) if own else self.codes

    def in_period(self, day: date) -> bool:
        """Whether a day lies in the configured period, as far as its bounds are set."""
        after_start = self.period_start is None or day >= self.period_start
        return after_start and (self.period_end is None or day <= self.period_end)
