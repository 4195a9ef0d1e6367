"""What the proofs, the comparison with other systems, backfill and replay tell people."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "verify.no_listing": (
            "“{name}” bağlantısının siparişleri ikinci bir yoldan sayılamıyor.",
            "“{name}” offers no second way to count its orders.",
        ),
        "verify.unread": (
            "“{name}” bağlantısından henüz sipariş okunmadı. Önce: kopru orders pull",
            "No orders were read from “{name}” yet. First: kopru orders pull",
        ),
        "verify.not_covered": (
            "{day} okunmadı; siparişler {since} gününden beri okunuyor. Bakın: kopru orders backfill",
            "{day} was not read; orders are read since {since}. See: kopru orders backfill",
        ),
        "verify.forgotten": (
            "Kaynak {day} gününü artık hatırlamıyor; son {days} günü listeler.",
            "The source no longer remembers {day}; it lists the last {days} days.",
        ),
        "backfill.no_orders": (
            "“{name}” bir mağaza bağlantısı değil. Bakın: kopru connection list",
            "“{name}” is no shop. See: kopru connection list",
        ),
        "backfill.empty": (
            "Aralık boş: {since} – {until}. Daha erken bir gün verin: --since",
            "The range is empty: {since} – {until}. Give an earlier day: --since",
        ),
        "backfill.forgotten": (
            "Kaynak yalnız son {days} günü hatırlıyor; {since} – {until} okunamaz.",
            "The source remembers the last {days} days only; {since} – {until} cannot be read.",
        ),
        "backfill.gap": (
            "Fatura kesilecekse aralık, bağlantının ilk gününe ({start}) kadar uzanmalı. --until vermeyin.",
            "To invoice, the range must reach up to the connection's first day ({start}). Leave --until out.",
        ),
        "backfill.open": (
            "“{name}” için süren bir geri okuma var. Bakın: kopru orders backfill --status",
            "A backfill of “{name}” is under way. See: kopru orders backfill --status",
        ),
        "backfill.none": (
            "Bu bağlantıda süren bir geri okuma yok. Başlatın: kopru orders backfill --start",
            "No backfill of this connection is under way. Begin one: kopru orders backfill --start",
        ),
        "replay.nothing": ("Hiçbir şey değişmez.", "Nothing would change."),
        "replay.older": (
            "Kaynağın verdiği sürüm bizdekinden eski; alınmaz.",
            "What the source gives is older than what is held; it is not taken.",
        ),
        "replay.unreadable": (
            "Kayıt bu kez okunamıyor; sipariş bekletilir. Bulgulara bakın.",
            "The record cannot be read this time; the order would be parked. See the findings.",
        ),
        "replay.order_only": (
            "Siparişin alanları değişir; belgesi olduğu gibi kalır.",
            "Fields of the order change; its document stays as it is.",
        ),
        "replay.stays": (
            "Belge numara almış; yeni kurallar ona dokunmaz.",
            "The document has its number; new rules do not touch it.",
        ),
        "replay.document": ("Sipariş bir belge olur.", "The order would become a document."),
        "replay.no_fetch": (
            "“{name}” tek siparişi yeniden okuyamıyor. Deneyin: --from stored",
            "“{name}” cannot read a single order again. Try: --from stored",
        ),
        "replay.no_record": (
            "{order} siparişinin saklanan kaydında bu sipariş bulunamadı. Deneyin: --from fresh",
            "The stored record of {order} does not hold that order. Try: --from fresh",
        ),
        "drift.no_listing": (
            "“{name}” bağlantısının eklentisi tuttuğu belgeleri listeleyemiyor.",
            "The plugin of “{name}” cannot list the documents it holds.",
        ),
        "drift.no_stock": (
            "“{name}” bağlantısı stok almıyor ya da ürünlerini listelemiyor.",
            "“{name}” takes no stock, or does not list its products.",
        ),
        "drift.document.absent": (
            "{number} karşı sistemde yok. Muhasebede silindiyse: kopru documents book {number}",
            "{number} is not at the other system. If deleted in the ledger: kopru documents book {number}",
        ),
        "drift.document.cancelled": (
            "{number} karşı sistemde iptal edilmiş. Nedenini öğrenin; gerekirse: kopru orders retry",
            "{number} was cancelled at the other system. Find out why; if needed: kopru orders retry",
        ),
        "drift.document.not_cancelled": (
            "{number} burada iptal edildi, karşı sistemde duruyor. Orada iptal edin.",
            "{number} was cancelled here and still stands at the other system. Cancel it there.",
        ),
        "drift.document.duplicate": (
            "{number} karşı sistemde birden çok kez var: {theirs}. Fazlasını orada iptal edin.",
            "{number} is at the other system more than once: {theirs}. Cancel the surplus there.",
        ),
        "drift.document.number": (
            "{number} karşı sistemde başka bir numarayla duruyor: {theirs}. Oradaki kaydı düzeltin.",
            "{number} has another number at the other system: {theirs}. Correct the record there.",
        ),
        "drift.document.total": (
            "{number} karşı sistemde başka bir tutarla duruyor: {theirs}, bizde {ours}. Orada düzeltin.",
            "{number} has another total at the other system: {theirs}, ours is {ours}. Correct it there.",
        ),
        "drift.document.refused": (
            "{number} reddedildi sanılıyor ama karşı sistemde var. Yanıtlayın: kopru documents answer",
            "{number} counts as refused and is at the other system. Tell: kopru documents answer",
        ),
        "drift.document.unknown": (
            (
                "Karşı sistemde bizim serimizden, burada olmayan bir belge var: {number}. Kimin kestiğini "
                "öğrenin; açıklanana dek bu seriden numara almayın."
            ),
            (
                "The other system holds a document of our series that is not here: {number}. Find out who "
                "issued it; take no further number of that series before."
            ),
        ),
        "drift.stock.differs": (
            "Kanal {sku} için {theirs} gösteriyor, biz {ours} gönderdik. Yeniden gönderiliyor.",
            "The channel shows {theirs} of {sku}, we sent {ours}. It is sent again.",
        ),
        "drift.stock.manual": (
            "Kanal {sku} için {theirs} gösteriyor, biz {ours} gönderdik. Gönderin: kopru stock push",
            "The channel shows {theirs} of {sku}, we sent {ours}. Send it: kopru stock push",
        ),
        "drift.stock.stays": (
            (
                "Kanal {sku} için, {ours} yeniden gönderildiği hâlde {theirs} gösteriyor. Kanalın panelinde "
                "ürünün kilidine ve stok sınırlarına bakın."
            ),
            (
                "The channel goes on showing {theirs} of {sku} although {ours} was sent again. Look at the "
                "product's locks and limits on the channel's panel."
            ),
        ),
        "drift.stock.gone": (
            "Kanal {sku} ürününü artık listelemiyor. Panelde arayın; sonra: kopru stock verify",
            "The channel no longer lists the product {sku}. Look on its panel, then: kopru stock verify",
        ),
    }
)
