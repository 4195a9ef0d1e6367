"""User texts about advice on lines, in Turkish and English."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "advice.resolved": ("Bu kart: {reason}", "This item: {reason}"),
        "advice.suggested": (
            "Adı uyan kart yok, ama: {reason} Doğru kartı seçin.",
            "No name fits, but: {reason} Choose the right item.",
        ),
        "advice.objected": (
            "Emin olmadan önce bakın: {reason} Doğru kartı seçin.",
            "Look before you trust it: {reason} Choose the right item.",
        ),
    }
)
