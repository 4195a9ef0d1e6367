"""Settings of an ETA connection. What the public material leaves unsure is a setting here."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from kopru.sdk import ConfigError
from kopru_eta.texts import TEXTS

_STRICT = ConfigDict(extra="forbid", frozen=True)
_NAME = re.compile(r"[^\W\d]\w{0,127}")


def _database(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("only letters, digits and underscores")
    return value


def _procedure(value: str) -> str:
    parts = value.split(".")
    if len(parts) > 2 or not all(map(_NAME.fullmatch, parts)):
        raise ValueError("expected a name such as dbo.sp_Fatura_Kayit")
    return value


Database = Annotated[str, AfterValidator(_database)]
Procedure = Annotated[str, AfterValidator(_procedure)]
Year = Annotated[int, Field(ge=1990, le=2100)]
Place = tuple[Annotated[int, Field(ge=0, le=2000)], Annotated[int, Field(ge=1, le=500)]]
"""Zero-based start and length of a field in a line of fixed width."""


class PurchaseMode(StrEnum):
    """How suppliers' invoices get into ETA."""

    NONE = "none"
    PROCEDURES = "procedures"
    TABLES = "tables"


class SalesMode(StrEnum):
    """How own invoices get into ETA."""

    NONE = "none"
    FILE = "file"
    TABLES = "tables"


class InvoiceTypes(BaseModel):
    """The firm's numbers in ``FATFISTIP`` (``FATFTNO``) for the procedures; a kind without one is refused."""

    model_config = _STRICT

    purchase: int | None = Field(
        default=None, ge=0, title="Alım", description="Mal alım faturasının numarası."
    )
    expense: int | None = Field(
        default=None, ge=0, title="Gider", description="Yalnız hizmetten oluşan alım faturasının numarası."
    )
    purchase_return: int | None = Field(
        default=None, ge=0, title="Alım iade", description="Alım iade faturasının numarası."
    )


class Procedures(BaseModel):
    """The installed procedures; they are not part of ETA itself."""

    model_config = _STRICT

    header: Procedure = Field(
        default="dbo.sp_Fatura_Kayit", title="Başlık", description="Fatura başlığını kaydeden prosedür."
    )
    line: Procedure = Field(
        default="dbo.sp_Fatura_Detay_Kayit", title="Satır", description="Fatura satırını kaydeden prosedür."
    )
    totals: Procedure = Field(
        default="dbo.sp_FatFisToplam_Kayit", title="Toplam", description="Fatura toplamını kaydeden prosedür."
    )


class Templates(BaseModel):
    """What direct writes copy, entered by hand in ETA in every year's database."""

    model_config = _STRICT

    party: str = Field(default="", max_length=50, title="Cari kart", description="Örnek cari kartın kodu.")
    item: str = Field(default="", max_length=50, title="Stok kartı", description="Örnek stok kartının kodu.")
    sale: str = Field(
        default="", max_length=16, title="Satış", description="Örnek satış faturasının numarası."
    )
    sales_return: str = Field(
        default="",
        max_length=16,
        title="Satıştan iade",
        description="Örnek satıştan iade faturasının numarası.",
    )
    purchase: str = Field(
        default="", max_length=16, title="Alış", description="Örnek alış faturasının numarası."
    )
    purchase_return: str = Field(
        default="", max_length=16, title="Alıştan iade", description="Örnek alış iade faturasının numarası."
    )


class Receipts(BaseModel):
    """The cash register file (``SATIS.GTF``): where each field of a line stands."""

    model_config = _STRICT

    name: str = Field(
        default="KOPRU_{key}.GTF",
        pattern=r"^[\w.-]*\{key\}[\w.-]*$",
        max_length=60,
        title="Dosya adı",
        description="Faturaya bir dosya; {key} yerine gönderim anahtarı yazılır.",
    )
    encoding: Literal["cp1254", "cp857", "utf-8"] = Field(
        default="cp1254", title="Karakter kodlaması", description="Dosyanın karakter kodlaması."
    )
    signature: str = Field(
        default="", max_length=200, title="İlk satır", description="Dosyanın imza satırı; boşsa yazılmaz."
    )
    store: str = Field(default="1", max_length=6, title="Mağaza no", description="Başlık satırındaki mağaza.")
    document_type: str = Field(
        default="0", max_length=1, title="Belge tipi", description="Başlık satırındaki belge tipi."
    )
    decimals: int = Field(
        default=2, ge=0, le=6, title="Ondalık", description="Tutarların ondalık basamak sayısı."
    )
    point: Literal[".", ",", ""] = Field(
        default=".", title="Ondalık ayracı", description="Boşsa ayraç yazılmaz: 12,50 yerine 1250."
    )
    header: dict[str, Place] = Field(
        default={
            "at": (9, 14),
            "number": (23, 12),
            "clock": (35, 12),
            "store": (47, 6),
            "document_type": (61, 1),
            "status": (62, 1),
            "total": (91, 15),
            "vat": (106, 15),
            "discount": (121, 15),
            "party": (211, 24),
        },
        title="Başlık alanları",
        description="01 satırında alan → (başlangıç, uzunluk); başlangıç sıfırdan sayılır.",
    )
    line: dict[str, Place] = Field(
        default={
            "item": (9, 24),
            "movement": (33, 1),
            "vat_rate": (42, 3),
            "quantity": (45, 15),
            "unit": (60, 1),
            "price": (61, 15),
            "total": (76, 15),
            "vat": (91, 15),
            "discount": (106, 15),
            "barcode": (182, 24),
        },
        title="Satır alanları",
        description="02 satırında alan → (başlangıç, uzunluk); başlangıç sıfırdan sayılır.",
    )


class EtaConfig(BaseModel):
    """Settings of one ETA firm: its databases, one a year, and how each kind of document is written."""

    model_config = _STRICT

    server: str = Field(
        min_length=1,
        max_length=253,
        pattern=r"^[\w.:-]+$",
        title="Sunucu",
        description="SQL Server'ın adı ya da adresi, kapı olmadan.",
    )
    port: int = Field(default=1433, ge=1, le=65535, title="Kapı", description="SQL Server'ın TCP kapısı.")
    username: str = Field(
        min_length=1,
        max_length=128,
        title="SQL kullanıcısı",
        description="Yalnız bu iş için açılmış kullanıcı.",
    )
    password: SecretStr = Field(min_length=1, title="Parola", description="SQL kullanıcısının parolası.")
    local: bool = Field(
        default=True,
        title="Yerel ağda",
        description="Sunucu kendi ağınızdadır; kapatılırsa şifreleme zorunludur.",
    )
    encrypt: bool = Field(
        default=False,
        title="Şifreli bağlantı",
        description="Sunucunun şifreli bağlantı kurmasını zorunlu kılar.",
    )
    timeout: float = Field(
        default=30.0, gt=0, le=300, title="Süre", description="Bir SQL komutunun en uzun süresi (saniye)."
    )
    databases: dict[Year, Database] = Field(
        min_length=1,
        title="Veritabanları",
        description="Mali yıl → veritabanı, örneğin 2026 → ETA_FIRMA_2026.",
    )

    price_list: int = Field(
        default=0, ge=0, title="Fiyat listesi", description="Okunacak fiyat numarası (STKFIYNO); 0 okumaz."
    )
    prices_include_vat: bool = Field(
        default=False, title="Fiyatlar KDV dahil", description="Okunan fiyatlar KDV içeriyorsa açın."
    )
    vat_numbers: dict[int, Annotated[Decimal, Field(ge=0, le=100)]] = Field(
        default={}, title="KDV numaraları", description="Fiyattaki KDV numarası (STKFIYKDVNO) → oran."
    )
    units: dict[str, Annotated[str, Field(min_length=1, max_length=10)]] = Field(
        default={"C62": "AD"}, title="Birimler", description="Birim kodu (UN/ECE) → ETA'daki birim."
    )

    purchases: PurchaseMode = Field(
        default=PurchaseMode.NONE,
        title="Alış faturaları",
        description="Yazılmaz, kurulu prosedürlerle ya da doğrudan tablolara (deneysel) yazılır.",
    )
    sales: SalesMode = Field(
        default=SalesMode.NONE,
        title="Satış faturaları",
        description="Yazılmaz, yazarkasa dosyası olarak ya da doğrudan tablolara (deneysel) yazılır.",
    )
    experimental: bool = Field(
        default=False,
        title="Deneysel doğrudan yazma",
        description="Tablolara doğrudan yazmaya izin verir; yedek almadan ve denemeden açmayın.",
    )
    key_column: Literal["FATHARACIKLAMA1", "FATHARACIKLAMA"] = Field(
        default="FATHARACIKLAMA1",
        title="Anahtar sütunu",
        description="Gönderim anahtarının yazıldığı satır açıklaması; elle değiştirilmemelidir.",
    )
    invoice_types: InvoiceTypes = Field(
        default=InvoiceTypes(), title="Fatura tipleri", description="Firmanın fatura tipi numaraları."
    )
    procedures: Procedures = Field(
        default=Procedures(), title="Prosedürler", description="Kurulu prosedürlerin adları."
    )
    templates: Templates = Field(
        default=Templates(), title="Örnekler", description="Doğrudan yazmanın kopyaladığı kart ve faturalar."
    )
    warehouse: str = Field(
        default="", max_length=50, title="Depo", description="Belgelerin depo kodu (DEPKOD)."
    )
    user_code: str = Field(
        default="KOPRU",
        max_length=50,
        title="Kullanıcı kodu",
        description="Prosedürlere verilen kullanıcı adı.",
    )
    shipping_item: str = Field(
        default="",
        max_length=50,
        title="Kargo kartı",
        description="Kargo satırının hizmet kodu; boşsa satırınki.",
    )
    fee_item: str = Field(
        default="",
        max_length=50,
        title="Ücret kartı",
        description="Ek ücret satırının hizmet kodu; boşsa satırınki.",
    )
    folder: str = Field(
        default="", max_length=500, title="Klasör", description="Yazarkasa dosyalarının bırakıldığı klasör."
    )
    receipts: Receipts = Field(
        default=Receipts(), title="Yazarkasa dosyası", description="SATIS.GTF satırlarının düzeni."
    )

    @model_validator(mode="after")
    def _modes_are_complete(self) -> Self:
        direct = self.sales is SalesMode.TABLES or self.purchases is PurchaseMode.TABLES
        if (direct or self.templates.party or self.templates.item) and not self.experimental:
            raise ValueError("direct writes need experimental")
        if self.sales is SalesMode.FILE and not self.folder:
            raise ValueError("sales = file needs a folder")
        if self.purchases is PurchaseMode.PROCEDURES and not self.warehouse:
            raise ValueError("purchases = procedures needs a warehouse")
        return self

    def database_of(self, day: date) -> str:
        """Return the database of a day's fiscal year.

        Raises:
            ConfigError: ``eta.year``.
        """
        found = self.databases.get(day.year)
        if found is None:
            raise ConfigError("eta.year", TEXTS.text("eta.year", year=day.year), field="databases")
        return found

    def current(self, today: date) -> str:
        """Return the database that holds the cards now: this year's, else the last one before it.

        Raises:
            ConfigError: ``eta.year`` when only later years are named.
        """
        begun = [year for year in self.databases if year <= today.year]
        return self.databases[max(begun)] if begun else self.database_of(today)

    def latest_first(self) -> tuple[tuple[int, str], ...]:
        """Return the years with their databases, the latest first."""
        return tuple(sorted(self.databases.items(), reverse=True))
