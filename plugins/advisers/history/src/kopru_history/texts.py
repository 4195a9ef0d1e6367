"""User texts of the adviser: parts of one sentence, in Turkish and English."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "history.title": ("Cari geçmişi", "Partner history"),
        "history.code": (
            "bu carinin aynı kodu {count} kez bu karta işlendi",
            "the partner's same code was posted to this item {count} times",
        ),
        "history.text": (
            "bu carinin aynı adlı satırı {count} kez bu karta işlendi",
            "the partner's same text was posted to this item {count} times",
        ),
        "history.price.close": (
            "fiyat olağana yakın (%{percent})",
            "the price is the usual one ({percent} %)",
        ),
        "history.price.far": (
            "fiyat bu carideki olağan fiyatın {ratio} katı",
            "the price is {ratio} times the usual one of this partner",
        ),
        "history.price.pack": (
            "fiyat olağanın {count} katı: koli ya da başka birim olabilir",
            "the price is {count} times the usual one: perhaps a case or another unit",
        ),
        "history.price.piece": (
            "fiyat olağanın {count} katından küçük: tek adet ya da başka birim olabilir",
            "the price is {count} times smaller than usual: perhaps a single piece or another unit",
        ),
    }
)
