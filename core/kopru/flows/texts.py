"""What the flows tell people."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "connection.unknown": (
            "“{name}” adlı bağlantı yok. Bakın: kopru connection list --tenant FIRMA",
            "There is no connection “{name}”. See: kopru connection list --tenant TENANT",
        ),
        "connection.taken": (
            "“{name}” adı {plugin} bağlantısının. Başka bir ad verin: --name",
            "The name “{name}” belongs to a {plugin} connection. Choose another: --name",
        ),
        "connection.paused": (
            "“{name}” bağlantısı durdurulmuş. Sürdürmek için: kopru connection resume {name}",
            "The connection “{name}” is paused. To go on: kopru connection resume {name}",
        ),
        "connection.needs_reauth": (
            (
                "“{name}” bağlantısının kimlik bilgileri geçersiz. Yenilerini verin: kopru connection add "
                "… --name {name}, sonra kopru connection check {name}"
            ),
            (
                "The credentials of “{name}” are no longer valid. Give new ones: kopru connection add "
                "… --name {name}, then kopru connection check {name}"
            ),
        ),
        "connection.draft": (
            "“{name}” bağlantısı henüz denenmedi. Deneyin: kopru connection check {name}",
            "The connection “{name}” has not been checked yet. Run: kopru connection check {name}",
        ),
        "connection.refreshing": (
            "Başka bir işlem oturumu yeniliyor.",
            "Another process is renewing the session.",
        ),
        "connection.config": (
            "Bağlantı ayarı hatalı: {problem}",
            "A connection setting is wrong: {problem}",
        ),
        "connection.ambiguous": (
            "Birden çok {kind} bağlantısı açık ({names}). Kullanılacak olan dışındakileri durdurun.",
            "More than one {kind} connection is active ({names}). Pause all but the one to use.",
        ),
        "plugin.not_allowed": (
            "“{name}” bu kurulumda izinli değil. Önce: kopru plugin allow {name}",
            "“{name}” is not allowed on this installation. First: kopru plugin allow {name}",
        ),
        "plugin.already_disabled": (
            "“{name}” bu firma için zaten açık değil. Açık olanlar: {listed}.",
            "“{name}” is not enabled for this company. Enabled are: {listed}.",
        ),
        "restore.no_listing": (
            (
                "Yedekten dönüldü, ama “{name}” belgelerini listeleyemiyor. Kendiniz karşılaştırın, sonra: "
                "kopru db restored --confirm"
            ),
            (
                "A backup was restored, but “{name}” cannot list its documents. Compare yourself, then: "
                "kopru db restored --confirm"
            ),
        ),
        "connection.none": (
            "Açık bir {kind} bağlantısı yok. Ekleyin: kopru connection add",
            "There is no active {kind} connection. Add one: kopru connection add",
        ),
        "tenant.no_settings": (
            "Firmanın ayarları yok. Yükleyin: kopru tenant apply DOSYA",
            "The tenant has no settings yet. Load them: kopru tenant apply FILE",
        ),
        "effect.ask": (
            "Karşı sistem bu kaydın orada olup olmadığını söyleyemiyor. Bakın, sonra: kopru documents answer",
            "The remote cannot tell whether the record is there. Look, then: kopru documents answer",
        ),
        "effect.differs": (
            (
                "Karşı sistem başka bir {field} saklamış: {theirs} (bizdeki {ours}). Oradaki kaydı düzeltin, "
                "sonra: kopru orders retry"
            ),
            (
                "The remote stored another {field}: {theirs} (ours is {ours}). Correct the record there, "
                "then: kopru orders retry"
            ),
        ),
        "order.before_start": (
            "Sipariş, bağlantının başlangıç gününden önce verilmiş; faturası burada kesilmez.",
            "The order was placed before the connection's first day; it is not invoiced here.",
        ),
        "order.whole_invoiced": (
            "Bölünen {package} paketinin {number} faturası duruyor. İadesini alın, sonra yeniden deneyin.",
            "Invoice {number} of the package {package} that was split stands. Have it returned, then retry.",
        ),
        "order.invoiced_elsewhere": (
            "Kaynakta bu siparişin faturası zaten var; ikinci bir fatura kesilmez.",
            "The source already holds an invoice for this order; no second one is issued.",
        ),
        "order.unreadable": ("Sipariş okunamadı.", "The order could not be read."),
        "order.waiting": ("Sipariş bekliyor: {reason}", "The order waits: {reason}"),
        "answer.nothing_open": (
            "Yanıt bekleyen böyle bir gönderim yok. Bakın: kopru documents writes",
            "No such write waits for an answer. See: kopru documents writes",
        ),
        "answer.several": (
            "Birden çok gönderim yanıt bekliyor: {writes}. Birinin başını yazın.",
            "Several writes wait for an answer: {writes}. Write the beginning of one.",
        ),
        "booking.never": (
            "Bu belge muhasebeye işlenmiş değil.",
            "This document is not booked.",
        ),
        "booking.there": (
            "Belge muhasebede duruyor ({number}); ikinci kez işlenmez.",
            "The document is in the ledger ({number}) and is not booked a second time.",
        ),
        "booking.cannot_tell": (
            "Muhasebe kaydın silinip silinmediğini söyleyemiyor. Bakın; silinmişse --deleted ile yineleyin.",
            "The ledger cannot tell whether the record was deleted. Look; if so, repeat with --deleted.",
        ),
        "booking.deleted": (
            "Kayıt muhasebede silinmiş; belge yeniden işleniyor.",
            "The record was deleted in the ledger; the document is booked again.",
        ),
        "document.cancelled_at_gib": (
            "Belge GİB'de iptal edildi. Yenisi gerekiyorsa: kopru orders retry {order}",
            "The document was cancelled at GİB. If another is due: kopru orders retry {order}",
        ),
        "document.not_issued": (
            "Yalnızca gönderilmiş bir fatura iptal edilmiş olabilir. Bakın: kopru documents show",
            "Only an issued invoice can have been cancelled. See: kopru documents show",
        ),
        "document.by_hand": (
            "Elle yapılacak ({stages}): kopru documents advance {order} --through {through}",
            "To be done by hand ({stages}): kopru documents advance {order} --through {through}",
        ),
        "answer.there": ("Bir kişi kaydın karşı sistemde olduğunu söyledi.", "A person said it is there."),
        "answer.given_up": ("Bir kişi vazgeçti.", "A person gave it up."),
        "effect.taken_back": (
            "Kayıt düzeltilmeden önce muhasebeden çıkarıldı.",
            "It was taken out of the ledger before its correction.",
        ),
        "document.findings": (
            "Belge hazırlanamadı: {first}",
            "The document could not be prepared: {first}",
        ),
        "document.manual": (
            "“{stage}” aşaması elle yapılacak: kopru documents advance {order}",
            "The stage “{stage}” is manual: kopru documents advance {order}",
        ),
        "document.remote_failed": (
            "Belge karşı tarafta kabul edilmedi ({code}): {text}",
            "The document was not accepted ({code}): {text}",
        ),
        "document.refused_by_buyer": (
            "Alıcı faturayı reddetti. Yeni belge için siparişi yeniden değerlendirin.",
            "The buyer refused the invoice. Review the order before issuing another.",
        ),
        "document.cancelled_remotely": (
            "Belge karşı tarafta iptal edilmiş; muhasebe kaydı da kaldırılır. Bakın: kopru documents show",
            "The document was cancelled at the channel; its booking goes too. See: kopru documents show",
        ),
        "change.return_needed": (
            "Sipariş faturadan sonra azaldı ya da iptal edildi. Düzenleyin: kopru documents return {order}",
            "The order was reduced or cancelled after its invoice. Run: kopru documents return {order}",
        ),
        "item.unknown": (
            "“{code}” kodlu ürün yok. Arayın: kopru items list --search",
            "There is no item “{code}”. Search: kopru items list --search",
        ),
        "partner.not_bound": (
            "“{code}” kartına bağlı alıcı yok. Bakın: kopru parties list",
            "No buyer is booked on the card “{code}”. See: kopru parties list",
        ),
        "prices.refused": ("Kanal fiyatı reddetti.", "The channel refused the price."),
        "stock.refused": ("Kanal stok bilgisini reddetti.", "The channel refused the stock value."),
    }
)
