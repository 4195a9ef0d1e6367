"""User texts of line matching, in Turkish and English."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "match.line.not_tried": (
            "Hizmet ya da gider satırı; kart aranmadı.",
            "A service or expense line; no item was looked for.",
        ),
        "match.line.rule": ("Bu carinin onaylı eşlemesi.", "A confirmed rule of this partner."),
        "match.line.code": ("Belgedeki kodumuz bu kartın.", "The document states our code of this item."),
        "match.line.barcode": ("Barkod aynı, ad da çelişmiyor.", "Same barcode, and the name agrees."),
        "match.line.alias": (
            "Bu ad daha önce onaylandı.",
            "This name was confirmed before.",
        ),
        "match.line.text": ("Ad ve sayılar bu karta uyuyor.", "Name and numbers fit this item."),
        "match.line.suggested": (
            "Emin olacak kadar benzemiyor. Doğru kartı seçin.",
            "Not alike enough to be sure. Choose the right item.",
        ),
        "match.line.unmatched": (
            "Uyan kart bulunamadı. Kartı arayın ya da yeni kart açın.",
            "No item fits. Search for the item, or add a new one.",
        ),
        "match.line.empty": (
            "Satırda aranacak bir ad, kod ya da barkod yok. Kartı seçin.",
            "The line has no name, code or barcode to look for. Choose the item.",
        ),
        "match.line.keys_differ": (
            "Satırın kural, kod ve barkodu farklı kartları gösteriyor: {items}. Doğru kartı seçin.",
            "Rule, code and barcode of the line point at different items: {items}. Choose the right one.",
        ),
        "match.line.text_differs": (
            "{key} “{item}” kartını gösteriyor, ama satırın adı ona uymuyor. Doğru kartı seçin.",
            "The {key} points at “{item}”, but the line's name does not fit it. Choose the right item.",
        ),
        "match.line.other_fits": (
            "{key} “{item}” kartını gösteriyor, satırın adına “{other}” daha çok uyuyor. Doğru kartı seçin.",
            "The {key} points at “{item}”, but the line's name fits “{other}” better. Choose the right item.",
        ),
        "match.line.size": (
            "Satırdaki ölçü ya da sayı karttakinden farklı. Doğru kartı seçin.",
            "A size or number of the line differs from the item's. Choose the right item.",
        ),
        "match.line.pack": (
            "Paketteki adet uymuyor. Doğru kartı ve birimi seçin.",
            "The number of pieces does not fit. Choose the right item and unit.",
        ),
        "match.line.model": (
            "Model numarası uymuyor. Doğru kartı seçin.",
            "The model number does not fit. Choose the right item.",
        ),
        "match.line.variant": (
            "Renk, çeşit ya da biçim karttakinden farklı. Doğru kartı seçin.",
            "Colour, taste or form differs from the item's. Choose the right item.",
        ),
        "match.line.unstated": (
            "Kartın adında satırda yazmayan bir ölçü ya da adet var. Doğru kart olduğunu onaylayın.",
            "The item states a size or number that the line does not. Confirm that it is the right item.",
        ),
        "match.line.unit": (
            "Sayı aynı, ama ölçü birimi yalnız bir yanda yazıyor. Doğru kart olduğunu onaylayın.",
            "The number agrees, but only one side states its unit. Confirm that it is the right item.",
        ),
        "match.line.barcode_other": (
            "Satırın barkodu bu kartta yok, kartın barkodu başka. Doğru kartı seçin.",
            "The item has another barcode than the line. Choose the right item.",
        ),
        "match.line.code_other": (
            "Belgede yazan kodumuz bu kartın değil. Doğru kartı seçin.",
            "The document states another code of ours. Choose the right item.",
        ),
        "match.line.rival": (
            "Birden çok kart aynı ölçüde uyuyor. Doğru kartı seçin.",
            "Several items fit equally well. Choose the right one.",
        ),
        "match.reasons": (
            "Uyan: {matched}. Yalnız satırda: {line_only}. Yalnız kartta: {item_only}.",
            "In both: {matched}. Only in the line: {line_only}. Only in the item: {item_only}.",
        ),
        "match.key.rule": ("Onaylı eşleme", "confirmed rule"),
        "match.key.own_code": ("Belgedeki kodumuz", "item code"),
        "match.key.line_barcode": ("Barkod", "barcode"),
    }
)
