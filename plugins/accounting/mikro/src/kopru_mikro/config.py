"""Settings of a Mikro connection. What the public material leaves unsure is a setting here."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from kopru.model import PaymentMethod
from kopru.toolkit import tsql
from kopru_mikro.codes import DOCUMENTS_PATH, PORTS, Version

_STRICT = ConfigDict(extra="forbid", frozen=True)


def _server(value: str) -> str:
    """Return a service's address without anything behind host and port."""
    parts = urlsplit(value.strip().rstrip("/"))
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError("the port is not a number") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ValueError("expected an address such as http://192.168.1.20:8094")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _path(value: str) -> str:
    return "/" + value.strip().strip("/")


def _column(value: str) -> str:
    if value and not tsql.is_name(value):
        raise ValueError("not the name of a table or column")
    return value


Code = Annotated[str, Field(max_length=25)]
Series = Annotated[str, Field(max_length=5, pattern=r"^\w*$")]
Name = Annotated[str, AfterValidator(_column)]


class SaleClass(StrEnum):
    """Whether sales to a kind of buyer are wholesale (``cha_cinsi`` 6) or retail (7)."""

    WHOLESALE = "wholesale"
    RETAIL = "retail"


class DocumentNumber(StrEnum):
    """What is written into ``cha_belge_no``."""

    INVOICE = "invoice"
    ORDER = "order"
    NONE = "none"


class SecondKey(StrEnum):
    """Where a write's key stands besides the description: nowhere, ``cha_disyazilimid``, an own column."""

    NONE = "none"
    EXTERNAL_ID = "external_id"
    USER_COLUMN = "user_column"


class OrderVat(StrEnum):
    """Whether order lines carry their VAT amount, or Mikro computes it from the pointer."""

    GIVEN = "given"
    COMPUTED = "computed"


class ItemVat(StrEnum):
    """What the VAT fields of a new item card take: the rate, as the API's samples show, or the pointer."""

    RATE = "rate"
    POINTER = "pointer"


class StockSource(StrEnum):
    """Where the total on hand is read: the view over all movements, or the function per item."""

    VIEW = "view"
    FUNCTION = "function"


class ServiceInvoices(StrEnum):
    """How an invoice with services only is booked: as lines of stock cards, or on a service card."""

    STOCK_CARD = "stock_card"
    SERVICE_CARD = "service_card"


class Numbers(BaseModel):
    """The numbers by which Mikro tells kinds of invoices apart, of header and lines."""

    model_config = _STRICT

    cha_evrak_tip: int = Field(title="cha_evrak_tip", description="Evrak tipi: 63 satış, 0 alış faturası.")
    cha_tip: int = Field(ge=0, le=1, title="cha_tip", description="0 borç, 1 alacak.")
    sth_evraktip: int = Field(title="sth_evraktip", description="Satır: 4 çıkış, 3 giriş faturası.")
    sth_tip: int = Field(ge=0, le=1, title="sth_tip", description="Satır: 1 çıkış, 0 giriş.")
    returned: int = Field(default=0, ge=0, le=1, title="İade", description="cha_normal_Iade ve satırlarda.")


SALE = Numbers(cha_evrak_tip=63, cha_tip=0, sth_evraktip=4, sth_tip=1)
PURCHASE = Numbers(cha_evrak_tip=0, cha_tip=1, sth_evraktip=3, sth_tip=0)


class Codes(BaseModel):
    """Codes written on cards and documents. An empty code is not written."""

    model_config = _STRICT

    series: Series = Field(
        default="", title="Satış serisi", description="Satış faturalarının evrak serisi; kanala özel olsun."
    )
    return_series: Series = Field(
        default="", title="İade serisi", description="Satıştan iade faturalarının serisi; boşsa satış serisi."
    )
    purchase_series: Series = Field(
        default="", title="Alış serisi", description="Alış faturalarının serisi; boşsa satış serisi."
    )
    order_series: Series = Field(
        default="", title="Sipariş serisi", description="Alınan siparişlerin serisi; boşsa satış serisi."
    )
    project: Code = Field(default="", title="Proje kodu", description="Boşsa yazılmaz.")
    cost_centre: Code = Field(default="", title="Sorumluluk merkezi", description="Boşsa yazılmaz.")
    salesman: Code = Field(default="", title="Satıcı (plasiyer) kodu", description="Boşsa yazılmaz.")
    party_group: Code = Field(default="", title="Cari grup kodu", description="Yeni cari kartlara yazılır.")
    party_sector: Code = Field(
        default="", title="Cari sektör kodu", description="Yeni cari kartlara yazılır."
    )
    party_region: Code = Field(default="", title="Cari bölge kodu", description="Yeni cari kartlara yazılır.")
    party_gl_code: str = Field(
        default="",
        max_length=40,
        title="Cari muhasebe kodu",
        description="Yeni cari kartların muhasebe hesabı.",
    )

    def over(self, base: "Codes") -> "Codes":
        """Return these codes, with the base's wherever one is empty here."""
        filled = {name: value for name, value in self.model_dump().items() if value}
        return base.model_copy(update=filled)


class MikroConfig(BaseModel):
    """Settings of a connection to one firm of a Mikro API service."""

    model_config = _STRICT

    url: Annotated[str, AfterValidator(_server)] = Field(
        title="Servis adresi",
        description="Mikro Desktop API servisinin adresi, örneğin http://192.168.1.20 (kapı yazılabilir).",
    )
    version: Version = Field(
        default=Version.V17,
        title="Sürüm",
        description="V17 (kapı 8094) ya da V16 (kapı 8084); adreste kapı yazıyorsa o kullanılır.",
    )
    api_path: Annotated[str, AfterValidator(_path)] = Field(
        default=DOCUMENTS_PATH, title="Servis yolu", description="Metot adından önceki yol."
    )
    local: bool = Field(
        default=True,
        title="Yerel ağda",
        description="Servis kendi ağınızdaysa açık kalsın (http'ye izin verir).",
    )
    verify_tls: bool = Field(
        default=True, title="Sertifikayı doğrula", description="Kendinden imzalı sertifikada kapatın."
    )
    firm_code: str = Field(
        min_length=1, max_length=50, title="Firma kodu", description="Mikro'daki firma (veri tabanı) kodu."
    )
    username: str = Field(
        min_length=1, title="Kullanıcı kodu", description="Entegrasyona ayrılmış bir Mikro kullanıcısı."
    )
    password: SecretStr = Field(
        min_length=1, title="Parola", description="Kullanıcının parolası; günlük özeti gönderilir."
    )
    api_key: SecretStr = Field(
        min_length=1, title="API anahtarı", description="Mikro'nun başvuru üzerine verdiği ApiKey."
    )
    firm_number: int = Field(default=0, ge=0, title="Firma no", description="FirmaNo; çoğunlukla 0.")
    branch: int = Field(default=0, ge=0, title="Şube no", description="SubeNo; belgelere de yazılır.")
    working_year: int | None = Field(
        default=None,
        ge=2000,
        le=2100,
        title="Çalışma yılı",
        description="Boş bırakın: belgenin yılı kullanılır. Yalnızca tek yıla izin veren kurulumda yazın.",
    )
    read_timeout: int = Field(
        default=60, ge=1, le=600, title="Okuma süresi (sn)", description="Bir okumanın en uzun süresi."
    )
    write_timeout: int = Field(
        default=120, ge=1, le=600, title="Yazma süresi (sn)", description="Bir kaydın en uzun süresi."
    )

    sql_reads: bool = Field(
        default=True,
        title="SQL ile oku",
        description="V17'nin SqlVeriOkuV2 metodu; belgelerin geri okunması için gereklidir.",
    )
    sql_page: int = Field(
        default=500, ge=1, le=5000, title="Sorgu sayfası", description="Bir sorguda istenen satır sayısı."
    )
    barcode_column: Literal["bar_kodu", "bar_kod"] = Field(
        default="bar_kodu", title="Barkod sütunu", description="BARKOD_TANIMLARI tablosundaki sütunun adı."
    )
    tax_number_column: Literal["", "cari_VergiKimlikNo"] = Field(
        default="",
        title="İkinci vergi no sütunu",
        description="Kartlarda cari_vdaire_no boşsa vergi numarasının durduğu sütun.",
    )
    price_list: int | None = Field(
        default=None, ge=1, title="Fiyat listesi", description="Ürün fiyatının okunduğu liste; boşsa okunmaz."
    )
    stock_warehouses: tuple[int, ...] = Field(
        default=(), title="Stok depoları", description="Stoğu okunacak depolar; boşsa hepsinin toplamı."
    )
    stock_source: StockSource = Field(
        default=StockSource.VIEW,
        title="Stok kaynağı",
        description="Toplam stoğun okunduğu görünüm ya da işlev.",
    )
    warehouse_arguments: tuple[Literal["code", "warehouse", "date"], ...] = Field(
        default=("code", "warehouse", "date"),
        title="Depo işlevi",
        description="fn_DepodakiMiktar işlevine verilenlerin sırası.",
    )
    count_open_orders: bool = Field(
        default=True,
        title="Açık siparişler rezerve",
        description="Teslim edilmemiş siparişler rezerve sayılır.",
    )

    vat_pointers: dict[Decimal, Annotated[int, Field(ge=0)]] = Field(
        default={},
        title="KDV göstergeleri",
        description="KDV oranı → firmanın vergi tablosundaki sıra; boşsa her kayıtta Mikro'dan okunur.",
    )
    currencies: dict[str, int] = Field(
        default={"USD": 1, "EUR": 2},
        title="Döviz numaraları",
        description="Döviz kodu → Mikro döviz numarası (KUR_ISIMLERI_VIEW). TL her zaman 0.",
    )
    units: dict[str, str] = Field(
        default={"C62": "ADET"}, title="Birimler", description="Uluslararası birim kodu → Mikro birim adı."
    )
    unit_pointers: dict[str, Annotated[int, Field(ge=1, le=4)]] = Field(
        default={"C62": 1},
        title="Birim sıraları",
        description="Uluslararası birim kodu → stok kartındaki birim sırası (1-4).",
    )
    warehouse: int = Field(
        default=1, ge=1, title="Depo no", description="Belgelerin deposu; yanlış numara itirazsız işlenir."
    )
    codes: Codes = Field(
        default=Codes(series="KPR"), title="Kodlar", description="Kart ve belgelere yazılan kodlar."
    )
    channels: dict[str, Codes] = Field(
        default={}, title="Kanala göre kodlar", description="Satış kanalının adına göre değişen kodlar."
    )
    channel_warehouses: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default={}, title="Kanala göre depo", description="Satış kanalının adına göre değişen depo."
    )
    payment_plan: int = Field(
        default=0, ge=0, title="Ödeme planı", description="Vadesi olmayan belgelerin ödeme planı numarası."
    )
    shipping_item: Code = Field(
        default="", title="Kargo stok kodu", description="Kargo satırının stok kartı; boşsa satırın kodu."
    )
    fee_item: Code = Field(
        default="",
        title="Ek ücret stok kodu",
        description="Hizmet bedeli satırının kartı; boşsa satırın kodu.",
    )
    rounding_item: Code = Field(
        default="", title="Yuvarlama stok kodu", description="Kuruş farkı satırının KDV'siz kartı."
    )
    person_sale: SaleClass = Field(
        default=SaleClass.WHOLESALE, title="Şahsa satış", description="Toptan (6) ya da perakende (7)."
    )
    company_sale: SaleClass = Field(
        default=SaleClass.WHOLESALE, title="Şirkete satış", description="Toptan (6) ya da perakende (7)."
    )
    sales_return: Numbers = Field(
        default=PURCHASE.model_copy(update={"returned": 1}),
        title="Satıştan iade",
        description="İade faturasının numaraları; kurulumda elle kesilmiş bir iadeyle karşılaştırın.",
    )
    purchase_return: Numbers = Field(
        default=SALE.model_copy(update={"returned": 1}),
        title="Alıştan iade",
        description="Alış iadesinin numaraları; kurulumda elle kesilmiş bir iadeyle karşılaştırın.",
    )
    service_invoices: ServiceInvoices = Field(
        default=ServiceInvoices.STOCK_CARD,
        title="Hizmet faturası",
        description="Yalnız hizmetten oluşan fatura: stok kartıyla ya da hizmet kartıyla (FaturaKaydetV3).",
    )
    document_number: DocumentNumber = Field(
        default=DocumentNumber.INVOICE, title="Belge no", description="cha_belge_no alanına ne yazılacağı."
    )
    description_length: int = Field(
        default=40, ge=33, le=127, title="Açıklama uzunluğu", description="cha_aciklama alanının uzunluğu."
    )
    edocument_fields: bool = Field(
        default=True,
        title="e-Arşiv alanlarını yaz",
        description="Alıcı ve internet satışı bilgileri; Mikro kendisi e-belge göndermiyorsa kapatılabilir.",
    )
    payment_types: dict[PaymentMethod, int] = Field(
        default={}, title="Ödeme şekli numaraları", description="Ödeme yöntemi → ebh_odeme_sekli numarası."
    )
    second_key: SecondKey = Field(
        default=SecondKey.NONE,
        title="Anahtarın ikinci yeri",
        description="Anahtar açıklamanın başındadır; ayrıca dış yazılım alanına ya da özel alana yazılır.",
    )
    invoice_user_table: Name = Field(
        default="", title="Fatura özel tablosu", description="Özel alanın okunduğu tablo; user_column için."
    )
    order_user_table: Name = Field(
        default="", title="Sipariş özel tablosu", description="Özel alanın okunduğu tablo; user_column için."
    )
    user_link: Name = Field(
        default="", title="Özel tablo bağı", description="Özel tabloda kaydın Guid'ini tutan sütun."
    )
    user_column: Name = Field(
        default="", title="Özel alan", description="Gönderim anahtarının yazıldığı özel alan (user_tablo)."
    )

    order_vat: OrderVat = Field(
        default=OrderVat.GIVEN, title="Sipariş KDV'si", description="Satırda verilir ya da Mikro hesaplar."
    )
    order_services: bool = Field(
        default=True,
        title="Siparişte hizmetler",
        description="Kapalıysa kargo ve ek ücret siparişe yazılmaz.",
    )

    match_einvoice: bool = Field(
        default=True, title="e-Fatura bilgisini yaz", description="Yeni cari kartta cari_efatura_fl yazılır."
    )
    einvoice_scenario: int = Field(
        default=0, ge=0, title="e-Fatura senaryosu", description="cari_def_efatura_cinsi; 0 temel fatura."
    )
    address_number: int = Field(
        default=1, ge=0, le=1, title="Adres no", description="Yeni kartın fatura ve sevk adresi: 1 ya da 0."
    )
    address_length: int = Field(
        default=50,
        ge=20,
        le=127,
        title="Adres uzunluğu",
        description="İl, ilçe, cadde, mahalle, sokak alanları.",
    )
    item_vat: ItemVat = Field(
        default=ItemVat.RATE,
        title="Stok kartı KDV'si",
        description="Yeni kartta oran ya da gösterge yazılır.",
    )

    @model_validator(mode="after")
    def _own_column_is_complete(self) -> Self:
        named = (self.invoice_user_table, self.order_user_table, self.user_link, self.user_column)
        if self.second_key is SecondKey.USER_COLUMN and not all(named):
            raise ValueError(
                "user_column needs invoice_user_table, order_user_table, user_link and user_column"
            )
        if not self.codes.series:
            raise ValueError("codes.series must not be empty")
        return self

    @property
    def address(self) -> str:
        """Return the service's address with its port; the version's own when none was given."""
        port = urlsplit(self.url).port
        return self.url if port or self.url.startswith("https:") else f"{self.url}:{PORTS[self.version]}"

    @property
    def has_sql(self) -> bool:
        """Whether rows can be read by SELECT."""
        return self.sql_reads and self.version is not Version.V16

    def codes_for(self, channel: str) -> Codes:
        """Return the codes of a sales channel: its own over the general ones."""
        own = self.channels.get(channel)
        return own.over(self.codes) if own else self.codes

    def warehouse_for(self, channel: str) -> int:
        """Return the warehouse of a sales channel."""
        return self.channel_warehouses.get(channel, self.warehouse)

    def own_column(self, key: str) -> list[dict[str, Any]]:
        """Return the ``user_tablo`` of a document that carries a key in an own column."""
        return [{self.user_column: key}] if self.second_key is SecondKey.USER_COLUMN else []
