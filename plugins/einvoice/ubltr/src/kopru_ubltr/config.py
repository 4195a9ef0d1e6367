"""Settings of the UBL-TR format. No secrets: rendering and checking need no account."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class InternetDialect(StrEnum):
    """How the data of an internet sale are written; GİB fixes no UBL element for them."""

    NILVERA = "nilvera"
    IZIBIZ = "izibiz"
    GENERAL = "general"


class Delivery(StrEnum):
    """How an e-Arşiv invoice reaches its buyer."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


class WordsStyle(StrEnum):
    """How the amount in words is written."""

    NONE = "none"
    JOINED = "joined"
    SPACED = "spaced"


class MissingDistrict(StrEnum):
    """What stands for an unknown district (ilçe)."""

    REJECT = "reject"
    CITY = "city"
    CENTRE = "centre"


class UblTrConfig(BaseModel):
    """What varies between integrators and tastes. The defaults suit the Nilvera channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    internet_dialect: InternetDialect = Field(
        default=InternetDialect.NILVERA,
        title="İnternet satışı yazımı",
        description="İnternet satış bilgilerinin e-Arşiv faturaya hangi entegratörün biçimiyle yazılacağı: "
        "nilvera, izibiz ya da general (yalnız UBL alanları ve GONDERIM_SEKLI).",
    )
    archive_delivery: Delivery = Field(
        default=Delivery.ELECTRONIC,
        title="e-Arşiv teslim şekli",
        description="electronic: e-posta/SMS/portal, paper: kağıt. İnternet satışı hep elektroniktir.",
    )
    internet_note: bool = Field(
        default=True,
        title="İnternet satış notu",
        description="Zorunlu “Bu satış internet üzerinden yapılmıştır.” ifadesini ve satış "
        "bilgilerini nota yazar.",
    )
    amount_in_words: WordsStyle = Field(
        default=WordsStyle.JOINED,
        title="Yazıyla tutar",
        description="Ödenecek tutarı ilk nota yazıyla ekler: joined (binikiyüz), spaced (bin iki yüz), none.",
    )
    currency_note: bool = Field(
        default=True,
        title="Döviz notu",
        description="Dövizli faturada kuru ve TL karşılıklarını nota yazar (VUK 215).",
    )
    despatch_note: bool = Field(
        default=False,
        title="“İrsaliye yerine geçer” notu",
        description="Bağlı irsaliyesi olmayan satış faturasına “İrsaliye yerine geçer.” yazar.",
    )
    extra_notes: tuple[Note, ...] = Field(
        default=(),
        title="Sabit notlar",
        description="Her faturanın sonuna eklenecek notlar.",
        max_length=20,
    )
    karekod: bool = Field(
        default=False,
        title="Karekod verisini göm",
        description="GİB karekod standardındaki JSON verisini KAREKOD türünde ek belge olarak gömer. "
        "Görüntüleyiciler karekodu kendileri ürettiği için çoğu entegratörde gerekmez.",
    )
    iban: str = Field(
        default="",
        title="IBAN",
        description="Ödeme bilgisine yazılacak TR ile başlayan 26 karakterlik IBAN; boşsa yazılmaz.",
        pattern=r"^(TR\d{7}[A-Z0-9]{17})?$",
    )
    missing_district: MissingDistrict = Field(
        default=MissingDistrict.REJECT,
        title="İlçe yoksa",
        description="reject: fatura durdurulur; city: il adı yazılır; centre: “Merkez” yazılır. "
        "Adres uydurmak hukuken tartışmalıdır.",
    )
    unknown_consumer: bool = Field(
        default=True,
        title="TCKN'siz tüketici",
        description="TCKN vermeyen tüketiciye e-Arşiv faturayı 11111111111 ile düzenler; "
        "kapalıysa fatura durdurulur.",
    )
    customization_id: str = Field(
        default="TR1.2",
        title="CustomizationID",
        description="Belgeye yazılacak özelleştirme kimliği; GİB ikisini de kabul eder.",
        pattern=r"^TR1\.2(\.1)?$",
    )
