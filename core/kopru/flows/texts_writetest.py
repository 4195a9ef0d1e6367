"""What the write test of a connection tells people."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "writetest.name": ("KÖPRÜ DENEME KAYDI", "KÖPRÜ TEST RECORD"),
        "writetest.note": (
            "Bağlantı denemesi için yazıldı; silinebilir.",
            "Written to test the connection; it may be deleted.",
        ),
        "writetest.removed_why": ("Bağlantı denemesi bitti.", "The connection test is over."),
        "writetest.unsupported": (
            "“{plugin}” geri silinebilen bir kayıt yazamıyor; yazma denemesi yapılmaz.",
            "“{plugin}” writes no record that can be removed again; there is no write test.",
        ),
        "writetest.channel": (
            "e-Belge kanalında yazma denemesi yapılmaz: gönderilen belge geri alınamaz.",
            "There is no write test on an e-document channel: a document that was sent cannot be taken back.",
        ),
        "writetest.settled_first": (
            "Yedekten dönüldü; önce karşılaştırma bitmeli: kopru db restored",
            "A backup was restored; the comparison must end first: kopru db restored",
        ),
        "writetest.no_item": (
            "Deneme kaydı için ürün yok. Önce: kopru items pull; ya da --item KOD verin.",
            "There is no item for a test record. First: kopru items pull; or give --item CODE.",
        ),
        "writetest.no_party": (
            "Deneme kaydı için cari kart yok. --party KOD verin.",
            "There is no partner card for a test record. Give --party CODE.",
        ),
        "writetest.written": ("Deneme siparişi yazıldı: {number}", "A test order was written: {number}"),
        "writetest.refused": (
            "Deneme siparişi yazılamadı: {reason}",
            "The test order was not written: {reason}",
        ),
        "writetest.refused_fix": (
            "Kullanıcının sipariş yazma iznini, cari ve ürün kodlarını denetleyin.",
            "Check the user's right to write orders, and the partner and item codes.",
        ),
        "writetest.located": ("Kayıt anahtarıyla bulundu.", "The record was found by its key."),
        "writetest.not_located": (
            "Yazılan kayıt anahtarıyla bulunamadı: {reason}",
            "The record written was not found by its key: {reason}",
        ),
        "writetest.not_located_fix": (
            "Okuma iznini denetleyin; “{key}” anahtarlı deneme siparişini karşı sistemde arayıp silin.",
            "Check the right to read; look for the test order with the key “{key}” there, and delete it.",
        ),
        "writetest.removed": ("Deneme siparişi silindi.", "The test order was removed."),
        "writetest.not_removed": (
            "Deneme siparişi silinemedi: {reason}",
            "The test order was not removed: {reason}",
        ),
        "writetest.not_removed_fix": (
            "Silme iznini denetleyin; {number} numaralı deneme siparişini karşı sistemde silin.",
            "Check the right to delete; delete the test order {number} at the other system.",
        ),
        "writetest.still_there": ("kayıt hâlâ duruyor", "the record is still there"),
        "writetest.absent": ("kayıt yok", "there is no such record"),
        "writetest.unknown": ("söylenemiyor", "it cannot be told"),
        "writetest.leftover": (
            "Yarım kalan bir denemenin kaydı silindi.",
            "The record of a test that was cut short was removed.",
        ),
    }
)
