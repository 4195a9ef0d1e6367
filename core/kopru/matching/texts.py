"""User texts of item matching, in Turkish and English."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "match.link": ("Onaylı eşleme", "Confirmed link"),
        "match.sku": ("Stok kodu aynı: {value}", "Same item code: {value}"),
        "match.barcode": ("Barkod aynı: {value}", "Same barcode: {value}"),
        "match.service": (
            "Kargo ve hizmet bedeli satırları ayarlardaki hizmet koduyla faturalanır.",
            "Shipping and fee lines are invoiced with the service item of the settings.",
        ),
        "match.cancelled": ("Satır iptal edilmiş.", "The line was cancelled."),
        "match.unmatched": (
            "“{name}” hiçbir kartla eşleşmedi (denenen: {tried}). Kartı seçin ya da ürünü muhasebede açın.",
            "“{name}” matches no item (tried: {tried}). Choose the item, or add it to the ledger.",
        ),
        "match.no_key": (
            "“{name}” satırında stok kodu ve barkod yok. Kartı seçin.",
            "“{name}” has neither item code nor barcode. Choose the item.",
        ),
        "match.barcode_digit": (
            "“{name}” satırının barkodu ({value}) hatalı: kontrol hanesi tutmuyor. Kartı seçin.",
            "The barcode of “{name}” ({value}) is wrong: its check digit does not fit. Choose the item.",
        ),
        "match.ambiguous": (
            "{key} “{value}” birden çok kartta var: {items}. Doğru kartı seçin ya da kartları düzeltin.",
            "{key} “{value}” belongs to several items: {items}. Choose the right one, or correct the items.",
        ),
        "match.conflict": (
            "“{name}” satırının anahtarları farklı kartları gösteriyor: {claims}. Doğru kartı seçin.",
            "The keys of “{name}” point at different items: {claims}. Choose the right one.",
        ),
        "match.link_gone": (
            "“{name}” için onaylanan kart ({value}) artık yok. Yeni bir kart seçin.",
            "The item confirmed for “{name}” ({value}) is gone. Choose another.",
        ),
        "match.key.link": ("eşleme", "link"),
        "match.key.sku": ("stok kodu", "item code"),
        "match.key.barcode": ("barkod", "barcode"),
    }
)
