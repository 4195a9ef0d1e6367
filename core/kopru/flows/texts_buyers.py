"""User texts about what buyers call our items, in Turkish and English."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "buyers.tax_number": (
            "“{value}” geçerli bir VKN ya da TCKN değil. Alıcının numarasını yazın.",
            "“{value}” is no valid VKN or TCKN. Give the buyer's number.",
        ),
        "buyers.unknown": (
            "{value} numaralı alıcının kod listesi yok. Önce: kopru buyers import DOSYA --buyer {value}",
            "The buyer {value} has no list of codes. First: kopru buyers import FILE --buyer {value}",
        ),
        "buyers.file.header": (
            "Başlık yok: “stok kodu” ya da “barkod” ile “alıcı kodu” ya da “alıcı adı” sütunları gerekir.",
            "Headings are missing: “code” or “barcode”, and “buyer code” or “buyer name”, are needed.",
        ),
        "buyers.row.empty": (
            "Satırda kodumuz ya da barkod ile alıcının kodu ya da adı gerekir.",
            "The row needs our code or a barcode, and the buyer's code or name.",
        ),
        "buyers.row.unknown": (
            "“{value}” kodlu ya da barkodlu kart yok. Kartı ekleyin ya da satırı düzeltin.",
            "No item has the code or barcode “{value}”. Add the item or correct the row.",
        ),
        "buyers.row.ambiguous": (
            "“{value}” birden çok kartın: {items}. Satıra stok kodunu yazın.",
            "“{value}” belongs to several items: {items}. Write our item code into the row.",
        ),
        "buyers.row.twice": (
            "“{value}” listede iki kez, farklı kod ya da adla. Birini silin.",
            "“{value}” stands in the list twice, with other codes or names. Remove one.",
        ),
        "buyers.row.shared": (
            "Alıcının “{value}” kodu “{other}” kartında da var. Doğruysa bir şey yapmayın.",
            "The buyer's code “{value}” also stands at the item “{other}”. If that is right, do nothing.",
        ),
    }
)
