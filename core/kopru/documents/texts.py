"""User texts of documents, in Turkish and English. Each says what is wrong and what to do."""

from kopru.documents.texts_document import DOCUMENT_TEXTS
from kopru.documents.texts_tenant import TENANT_TEXTS
from kopru.model import Catalogue, Finding, Severity

_DECISION_TEXTS = {
    "decision.cancelled": (
        "Sipariş iptal edilmiş.",
        "The order was cancelled.",
    ),
    "decision.replaced": (
        "Sipariş paketi bölünmüş; yerine gelen paketler faturalanır.",
        "The package was split; the packages that replace it are invoiced.",
    ),
    "decision.no_lines": (
        "Siparişte teslim edilecek satır kalmamış.",
        "No line of the order is left.",
    ),
    "decision.no_rule": (
        (
            "Karar tablosunda bu siparişe uyan satır yok. Tabloya bir satır ekleyin ya da siparişi elle "
            "yönlendirin."
        ),
        "No row of the decision table takes this order. Add a row, or handle the order by hand.",
    ),
    "decision.no_series": (
        "{kind}/{profile} belgesi için seri tanımlı değil. Ayarlara bu kullanıma uygun bir seri ekleyin.",
        "No series is set up for {kind}/{profile} documents. Add a series for this use to the settings.",
    ),
    "decision.check.holds": (
        "{name} uyuyor ({actual})",
        "{name} fits ({actual})",
    ),
    "decision.check.fails": (
        "{name} uymuyor (beklenen {expected}, siparişte {actual})",
        "{name} does not fit (wanted {expected}, order has {actual})",
    ),
    "decision.check.open": (
        "{name} henüz bilinmiyor",
        "{name} is not known yet",
    ),
    "decision.verdict.matched": (
        "{rule} → uydu",
        "{rule} → matched",
    ),
    "decision.verdict.failed": (
        "{rule} → uymadı",
        "{rule} → did not match",
    ),
    "decision.verdict.undecided": (
        "{rule} → sorgu bekliyor",
        "{rule} → waits for a look-up",
    ),
    "decision.verdict.not_reached": (
        "{rule} → sıra gelmedi",
        "{rule} → not reached",
    ),
    "decision.condition.channel": (
        "kanal",
        "channel",
    ),
    "decision.condition.plugin": (
        "eklenti",
        "plugin",
    ),
    "decision.condition.status": (
        "durum",
        "status",
    ),
    "decision.condition.raw_status": (
        "kaynaktaki durum",
        "status at the source",
    ),
    "decision.condition.payment": (
        "ödeme türü",
        "payment method",
    ),
    "decision.condition.raw_payment": (
        "kaynaktaki ödeme türü",
        "payment method at the source",
    ),
    "decision.condition.carrier": (
        "kargo",
        "carrier",
    ),
    "decision.condition.buyer": (
        "alıcı türü",
        "buyer kind",
    ),
    "decision.condition.country": (
        "ülke",
        "country",
    ),
    "decision.condition.currency": (
        "para birimi",
        "currency",
    ),
    "decision.condition.min_total": (
        "en düşük tutar",
        "smallest total",
    ),
    "decision.condition.max_total": (
        "en yüksek tutar",
        "largest total",
    ),
    "decision.condition.export": (
        "ihracat",
        "export",
    ),
    "decision.condition.registered": (
        "e-Fatura mükellefiyeti",
        "e-Fatura registration",
    ),
    "decision.condition.known_status": (
        "bilinen bir durum",
        "a known status",
    ),
}

_NUMBERING_TEXTS = {
    "numbering.pattern.quote": (
        "“{pattern}” kalıbında tırnak kapanmamış. Sabit metni iki tek tırnak arasına yazın.",
        "A quote is left open in the pattern “{pattern}”. Write fixed text between two single quotes.",
    ),
    "numbering.pattern.counter": (
        (
            "“{pattern}” kalıbında tek bir sayaç (CCC) olmalı. Sabit metindeki C harfini tırnağa alın: "
            "'FCR'RRRRCCC."
        ),
        "The pattern “{pattern}” needs exactly one counter (CCC). Quote a fixed letter C: 'FCR'RRRRCCC.",
    ),
    "numbering.pattern.year": (
        (
            "“{pattern}” kalıbında yıl bir kez, RRRR ya da RR olarak yazılır. Sabit metindeki R harfini "
            "tırnağa alın."
        ),
        "The pattern “{pattern}” takes the year once, as RRRR or RR. Quote a fixed letter R.",
    ),
    "numbering.pattern.characters": (
        "“{pattern}” kalıbında yalnız A–Z, 0–9 ve . / _ - kullanılabilir.",
        "The pattern “{pattern}” may only hold A–Z, 0–9 and . / _ -.",
    ),
    "numbering.prefix.shape": (
        "Seri ön eki üç karakter olmalı (A–Z, 0–9): “{prefix}”.",
        "A series prefix has three characters (A–Z, 0–9): “{prefix}”.",
    ),
    "numbering.series.full": (
        "Seri doldu: en çok {capacity} numara verir. Yeni bir ön ekle seri tanımlayın.",
        "The series is full: it gives {capacity} numbers at most. Set up a series with a new prefix.",
    ),
    "numbering.series.other": (
        (
            "Bu belge, yedekten dönülmeden önce {held} serisinden numara almıştı; şimdi {prefix} seçildi. "
            "Karar tablosunda {held} serisini seçin."
        ),
        (
            "Before a backup was restored this document had a number of series {held}; now {prefix} is "
            "chosen. Let the decision table choose {held}."
        ),
    ),
}

_PARTNER_TEXTS = {
    "partner.company.tax_number": (
        "Kurumsal alıcının vergi numarası yok; cari kart açılamaz. Numarayı siparişin kaynağında tamamlayın.",
        "The company has no tax number, so no card can be made. Add the number where the order came from.",
    ),
    "partner.code": (
        "Cari kodu “{code}” boş ya da {limit} karakterden uzun. Ayarlardaki kod şablonunu kısaltın.",
        (
            "The card code “{code}” is empty or longer than {limit} characters. Shorten the template in "
            "the settings."
        ),
    ),
}

_CHANGE_TEXTS = {
    "change.nothing": (
        "Belge için yapılacak bir şey yok.",
        "Nothing has to be done for the document.",
    ),
    "change.replan": (
        "Sipariş yeniden değerlendirilecek.",
        "The order is decided again.",
    ),
    "change.wait": (
        "Açık gönderimin sonucu bekleniyor; sonra yeniden planlanacak.",
        "Waiting for the outcome of an open write; planned again then.",
    ),
    "change.before_number.drop": (
        "Numara alınmadı; taslak silinecek.",
        "No number was taken; the draft is dropped.",
    ),
    "change.before_number.replan": (
        "Numara alınmadı; taslak yeniden hazırlanacak.",
        "No number was taken; the draft is made again.",
    ),
    "change.void": (
        "Belge kimseye ulaşmadı; numarası gerekçesiyle iptal edilecek.",
        "The document reached nobody; its number is made void with the reason.",
    ),
    "change.correct": (
        "Belge reddedildi; düzeltilip aynı numara ve ETTN ile yeniden gönderilecek.",
        "The document was refused; it is corrected and sent again with the same number and ETTN.",
    ),
    "change.withdrawn": ("Belge GİB'de iptal edildi.", "The document was cancelled at GİB."),
    "change.taken_back": (
        "Belge karşı tarafta reddedildi ya da iptal edildi; burada da kapatılacak.",
        "The document was refused or cancelled on the other side; it is closed here too.",
    ),
    "change.archive.cancel": (
        "e-Arşiv fatura iptal süresi içinde; entegratörde iptal edilecek.",
        "The e-Arşiv invoice can still be cancelled; it is cancelled at the channel.",
    ),
    "change.archive.return": (
        "e-Arşiv fatura artık iptal edilemez; tamamı için iade belgesi düzenlenecek.",
        "The e-Arşiv invoice can no longer be cancelled; a return document is issued for all of it.",
    ),
    "change.archive.difference": (
        "Siparişten düşen kısım için iade belgesi düzenlenecek.",
        "A return document is issued for what the order no longer holds.",
    ),
    "change.commercial.await": (
        "TİCARİ e-Fatura yazılımla iptal edilmez. Alıcıdan faturayı sistemden REDDETMESİNİ isteyin (8 gün).",
        (
            "A commercial e-Fatura is not cancelled by software. Ask the buyer to REFUSE it in the system"
            " (8 days)."
        ),
    ),
    "change.commercial.task": (
        (
            "Alıcı artık reddedemez. Yollar: alıcının iade faturası düzenlemesi; ya da 8 gün içinde "
            "noter, KEP veya iadeli taahhütlü mektupla itiraz. Sonucu buraya işleyin."
        ),
        (
            "The buyer can no longer refuse. The ways: the buyer issues a return invoice; or an objection"
            " by notary, KEP or registered mail within 8 days. Record the outcome here."
        ),
    ),
    "change.commercial.difference": (
        (
            "Kısmi değişiklik: alıcı fark için iade faturası düzenler ya da (8 gün içinde) faturayı "
            "reddeder ve fatura yeniden kesilir. Alıcıyla anlaşıp sonucu buraya işleyin."
        ),
        (
            "A partial change: the buyer issues a return invoice for the difference, or refuses (within 8"
            " days) and it is issued anew. Agree with the buyer and record the outcome here."
        ),
    ),
    "change.basic.task": (
        (
            "TEMEL e-Fatura yazılımla iptal edilmez. Yollar: GİB İptal/İtiraz Portalında alıcının "
            "onayıyla iptal (8 gün); noter, KEP ya da iadeli taahhütlü mektupla itiraz; alıcının iade "
            "faturası düzenlemesi."
        ),
        (
            "A basic e-Fatura is not cancelled by software. The ways: cancellation on GİB's "
            "cancel/objection portal with the buyer's consent (8 days); an objection by notary, KEP or "
            "registered mail; a return invoice of the buyer."
        ),
    ),
    "change.basic.difference": (
        (
            "Kısmi değişiklik: alıcı fark için iade faturası düzenler. Alıcıdan isteyin ve sonucu buraya "
            "işleyin."
        ),
        (
            "A partial change: the buyer issues a return invoice for the difference. Ask for it and "
            "record the outcome."
        ),
    ),
}

TEXTS = Catalogue(
    {
        **_DECISION_TEXTS,
        **_NUMBERING_TEXTS,
        **_PARTNER_TEXTS,
        **_CHANGE_TEXTS,
        **TENANT_TEXTS,
        **DOCUMENT_TEXTS,
    }
)


def finding(code: str, field: str = "", /, **values: object) -> Finding:
    """Return a blocking finding of this package with its text filled.

    Raises:
        KeyError: the code has no text, or a place of the text has no value.
    """
    return Finding(code=code, message=TEXTS[code].fill(**values), field=field)


def warning(code: str, field: str = "", /, **values: object) -> Finding:
    """Return a finding that is shown but does not stop the record."""
    return finding(code, field, **values).model_copy(update={"severity": Severity.WARNING})


def info(code: str, field: str = "", /, **values: object) -> Finding:
    """Return a finding that is only kept with the record."""
    return finding(code, field, **values).model_copy(update={"severity": Severity.INFO})
