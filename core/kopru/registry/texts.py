"""Why a plugin is loaded or skipped, in both languages."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "plugin.loaded": ("Yüklü.", "Loaded."),
        "plugin.switched_off": ("Ayarla kapatılmış.", "Switched off by setting."),
        "plugin.doubled": (
            "Bu adı birden çok eklenti taşıyor ({packages}). Birini kaldırın: pip uninstall PAKET",
            "Several plugins go by this name ({packages}). Remove one: pip uninstall PACKAGE",
        ),
        "plugin.failed": (
            "İçe aktarılamadı: {error}. Paketi güncelleyin ya da kaldırın.",
            "Could not be imported: {error}. Update or remove the package.",
        ),
        "plugin.too_slow": (
            (
                "İçe aktarılması {seconds:g} saniyede bitmedi. Paketi güncelleyin ya da kaldırın; gerçekten "
                "bu kadar yavaşsa KOPRU_PLUGIN_SECONDS değerini artırın."
            ),
            (
                "Importing it did not end within {seconds:g} s. Update or remove the package; if it really "
                "is that slow, raise KOPRU_PLUGIN_SECONDS."
            ),
        ),
        "plugin.too_large": (
            (
                "İçe aktarılırken {megabytes} MB'den çok bellek istedi. Paketi güncelleyin ya da kaldırın; "
                "gerçekten bu kadar büyükse KOPRU_PLUGIN_MEMORY değerini artırın."
            ),
            (
                "It asked for more than {megabytes} MB of memory while it was imported. Update or remove the "
                "package; if it really is that large, raise KOPRU_PLUGIN_MEMORY."
            ),
        ),
        "plugin.ended": (
            "İçe aktarılırken süreci sonlandırdı (çıkış kodu {code}). Paketi güncelleyin ya da kaldırın.",
            "It ended the process while it was imported (exit code {code}). Update or remove the package.",
        ),
        "plugin.crashed": (
            "İçe aktarılırken süreci çöktü ({signal}). Paketi güncelleyin ya da kaldırın.",
            "The process crashed while it was imported ({signal}). Update or remove the package.",
        ),
        "plugin.not_tried": (
            "Denenemedi: deneme süreci çalışmadı. Bakın: kopru plugin why {name}",
            "It could not be tried: the probe process did not work. See: kopru plugin why {name}",
        ),
        "plugin.incompatible": (
            "Sözleşme sürümü {low}–{high} ister, buradaki {api}. Uyan bir sürüm kurun.",
            "It asks for hook API {low} to {high}, this is {api}. Install a version that fits.",
        ),
        "plugin.invalid": ("Sözleşmeye uymuyor ({tr}).", "It breaks the contract ({en})."),
    }
)
