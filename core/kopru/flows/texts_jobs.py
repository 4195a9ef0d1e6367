"""What schedules and gates tell people."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "schedule.unknown": (
            "“{kind}” için bir zamanlama yok. Bakın: kopru jobs schedules --tenant FIRMA",
            "There is no schedule for “{kind}”. See: kopru jobs schedules --tenant TENANT",
        ),
        "schedule.several": (
            "“{kind}” birden çok bağlantıda var ({names}). Birini verin: --connection",
            "Several connections have “{kind}” ({names}). Name one: --connection",
        ),
        "schedule.time": (
            "“{text}” bir saat değil. SS:DD biçiminde verin: 03:00",
            "“{text}” is no time of day. Give it as HH:MM: 03:00",
        ),
        "schedule.period": (
            "“{text}” kullanılamaz. 10 saniye ile 31 gün arasında verin: 90s, 15m, 2h, 1d",
            "“{text}” cannot be used. Give between 10 seconds and 31 days: 90s, 15m, 2h, 1d",
        ),
    }
)
