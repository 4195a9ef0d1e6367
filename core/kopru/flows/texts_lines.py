"""What line mapping tells people."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "lines.rule": ("Kural: {rule}", "Rule: {rule}"),
        "lines.rules_differ": (
            "Kurallar farklı sonuç veriyor: {rules}. Birini kapatın: kopru rules disable",
            "Rules disagree: {rules}. Disable one: kopru rules disable",
        ),
        "lines.unit_differs": (
            "Kural {known} birimi için; satırın birimi {unit}. Birimi onaylayın.",
            "The rule is for the unit {known}; the line's unit is {unit}. Confirm the unit.",
        ),
        "lines.price_ratio": (
            "Fiyat tutmuyor: parça başına {price}, önceki satırlarda {usual}. Birim ve çarpanı denetleyin.",
            "The price does not fit: {price} a piece, {usual} on earlier lines. Check unit and factor.",
        ),
        "lines.factor_open": (
            "Kart bulundu, ama satırın birimi {unit}, kartınki {known}. Kaç {known} olduğunu yazın: --factor",
            "The item was found, but the line's unit is {unit}, the item's {known}. Say how many: --factor",
        ),
        "lines.vat_differs": (
            "Ad uyuyor, ama satırın KDV oranı %{rate}, kartınki %{known}. Doğru kart olduğunu onaylayın.",
            "The name fits, but the line's VAT rate is {rate}%, the item's {known}%. Confirm the item.",
        ),
        "lines.vat_said": (
            "KDV farklı: satır %{rate}, kart %{known}.",
            "VAT differs: line {rate}%, item {known}%.",
        ),
        "lines.asks": (
            "Eşleme sorulacak şekilde ayarlı (items.matching).",
            "Matching is set to ask (items.matching).",
        ),
        "lines.untrusted": (
            "Bu carinin son satırlarında çok düzeltme var; otomatik eşleme durdu.",
            "Many of this partner's latest lines were corrected; nothing is decided alone for now.",
        ),
        "lines.suggested": (
            "{reason} Öneri: {code} “{name}” (%{percent}). Onaylayın: kopru lines review",
            "{reason} Suggestion: {code} “{name}” ({percent}%). Confirm: kopru lines review",
        ),
        "lines.unknown": (
            "“{line}” satırı yok. Bakın: kopru lines list",
            "There is no line “{line}”. See: kopru lines list",
        ),
        "lines.several": (
            "“{line}” birden çok satırın başlangıcı. Daha uzun yazın.",
            "“{line}” begins several lines. Write more of it.",
        ),
        "lines.no_suggestion": (
            "Satırın önerisi yok. Ürünü yazın: --item KOD",
            "The line has no suggestion. Name the item: --item CODE",
        ),
        "lines.no_key": (
            "Satırda kuralın tanıyacağı {kind} yok. Başka bir kapsam seçin: --for",
            "The line has no {kind} that a rule could know it by. Choose another reach: --for",
        ),
        "lines.pattern": (
            "Kalıptaki her sözcük satırda geçmeli ve en az iki sözcük olmalı: {pattern}",
            "Every word of a pattern must stand in the line, and there must be two or more: {pattern}",
        ),
        "lines.contradictions": (
            "Bu kapsamda başka ürüne çözülmüş {count} satır var ({examples}). Daha dar bir kapsam seçin.",
            "{count} lines in this reach mean another item ({examples}). Choose a narrower reach.",
        ),
        "lines.factor": (
            "Çarpan sıfırdan büyük bir sayı olmalı: {factor}",
            "The factor must be a number above zero: {factor}",
        ),
        "lines.sold_by_piece": (
            "Satılan satırlarda çarpan kullanılmaz; paketin kendi kartını açıp onu seçin.",
            "Lines that are sold take no factor: add an item for the pack and choose that.",
        ),
        "lines.no_draft": (
            "Onay bekleyen böyle bir ürün önerisi yok. Bakın: kopru lines drafts",
            "No such proposed item waits for approval. See: kopru lines drafts",
        ),
        "lines.code_taken": (
            "“{code}” kodu boş ya da kullanılıyor. Başka bir kod verin: --code",
            "The code “{code}” is empty or taken. Give another: --code",
        ),
        "lines.nothing_to_undo": (
            "Geri alınacak bir karar yok.",
            "There is no decision to take back.",
        ),
        "lines.several_steps": (
            "“{step}” birden çok kararın başlangıcı. Bakın: kopru lines undo --list",
            "“{step}” begins several decisions. See: kopru lines undo --list",
        ),
        "lines.dry_run": (
            "Deneme: hiçbir şey kaydedilmedi.",
            "Dry run: nothing was stored.",
        ),
        "lines.file": (
            "Dosya okunamadı: {problem}",
            "The file could not be read: {problem}",
        ),
        "lines.file_header": (
            "Dosyada satır metni sütunu yok. Beklenen: açıklama, kod, barkod, birim, miktar, fiyat.",
            "The file has no text column. Expected headers: text, code, barcode, unit, quantity, price.",
        ),
        "lines.file_row": (
            "Metin, kod ya da barkod gerekli.",
            "A text, code or barcode is needed.",
        ),
        "lines.file_number": (
            "“{value}” sayı değil.",
            "“{value}” is no number.",
        ),
        "rules.unknown": (
            "“{rule}” kuralı yok. Bakın: kopru rules list",
            "There is no rule “{rule}”. See: kopru rules list",
        ),
        "rules.file_header": (
            "Kural dosyasında cari, tür, anahtar ve ürün kodu sütunları gerekli.",
            "A file of rules needs the columns partner, kind, key and item_code.",
        ),
        "rules.file_row": (
            "Satır kullanılamadı: {problem}",
            "The row cannot be used: {problem}",
        ),
    }
)
