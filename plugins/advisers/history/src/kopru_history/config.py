"""Settings of the adviser. The defaults suit most companies, so no connection has to be made."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field


class HistoryConfig(BaseModel):
    """When an earlier posting or price counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tolerance: Decimal = Field(
        default=Decimal(10),
        gt=0,
        le=50,
        title="Fiyat toleransı (%)",
        description="Fiyat, bu carinin aynı karttaki olağan fiyatından en çok bu kadar saparsa aynı sayılır.",
    )
    far: Decimal = Field(
        default=Decimal(2),
        ge=Decimal("1.2"),
        le=100,
        title="Uzak fiyat (kat)",
        description="Fiyat olağanın bu kadar katı ya da bu kadarda biri olursa kartın aleyhine sayılır.",
    )
    least: int = Field(
        default=2,
        ge=1,
        le=100,
        title="En az fiyat",
        description="Bir kartın olağan fiyatı, bu carinin en az bu kadar satırından çıkarılır.",
    )
    months: int = Field(
        default=24,
        ge=1,
        le=120,
        title="Geçmiş (ay)",
        description="Carinin son satırından geriye en çok bu kadar aya bakılır.",
    )
