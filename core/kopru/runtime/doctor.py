"""``kopru doctor``: what must be well for work to flow, each with what to do when it is not."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

from kopru.model import Text
from kopru.registry import Registry, Status
from kopru.runtime.compose import Engine
from kopru.settings import Settings
from kopru.storage.circuits import resting
from kopru.storage.health import look

LOW_DISK = 1_000_000_000
"""Bytes."""

CLOCK_GAP = 5.0
OLD_WORK = 300.0
LATE_SCHEDULE = 300.0
"""Seconds."""

NOTHING = Text(tr="", en="")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, what was found, and what to do."""

    name: str
    ok: bool
    message: Text
    fix: Text = NOTHING


def look_around(settings: Settings, registry: Registry) -> list[Check]:
    """Return what can be seen without any server."""
    return [_disk(settings), _key(settings), _variables(settings), _plugins(registry)]


def look_inside(engine: Engine) -> list[Check]:
    """Return what the database and the queue say."""
    found = look(engine.store)
    gap = abs((found.now - datetime.now(UTC)).total_seconds())
    return [
        Check("database", True, Text(tr="yanıt veriyor", en="answers")),
        _queue(engine),
        Check(
            "roles",
            not found.mighty_roles,
            Text(tr=found.mighty_roles or "sınırlı", en=found.mighty_roles or "restricted"),
            Text(
                tr="Çalışma rolleri superuser olmamalı, RLS'yi aşamamalı.",
                en="A working role must not be superuser or bypass row-level security.",
            ),
        ),
        Check(
            "clock",
            gap < CLOCK_GAP,
            Text(tr=f"veritabanından {gap:.1f} sn farklı", en=f"{gap:.1f} s from the database's"),
            Text(tr="Bu makinenin saatini ayarlayın (NTP).", en="Set this machine's clock (NTP)."),
        ),
        Check(
            "workers",
            found.workers > 0,
            Text(tr=f"{found.workers} işçi çalışıyor", en=f"{found.workers} at work"),
            Text(tr="Başlatın: kopru up", en="Start them: kopru up"),
        ),
        Check(
            "oldest work",
            found.overdue < OLD_WORK,
            Text(tr=f"{found.overdue:.0f} sn gecikti", en=f"{found.overdue:.0f} s overdue"),
            Text(
                tr="İşçiler ve relay çalışıyor mu? kopru up",
                en="Are the workers and the relay running? kopru up",
            ),
        ),
        Check(
            "schedules",
            found.late < LATE_SCHEDULE,
            Text(tr=f"{found.late:.0f} sn gecikti", en=f"{found.late:.0f} s overdue"),
            Text(tr="Zamanlayıcı çalışıyor mu? kopru up", en="Is the scheduler running? kopru up"),
        ),
        _circuits(engine),
        Check(
            "set aside",
            found.aside == 0,
            Text(tr=f"{found.aside} iş birini bekliyor", en=f"{found.aside} jobs wait for someone"),
            Text(
                tr="kopru jobs list --state parked, --state dead",
                en="kopru jobs list --state parked, --state dead",
            ),
        ),
    ]


def _circuits(engine: Engine) -> Check:
    names = ", ".join(resting(engine.store))
    return Check(
        "remotes",
        not names,
        Text(tr=f"yanıt vermiyor: {names}", en=f"no answer: {names}")
        if names
        else Text(tr="yanıt veriyor", en="answer"),
        Text(
            tr="Karşı sunucular çalışıyor mu? İşler yitmez; yanıt gelince sürer. kopru connection check",
            en="Are those servers running? No job is lost; work goes on once they do. kopru connection check",
        ),
    )


def _disk(settings: Settings) -> Check:
    home = settings.home if settings.home.exists() else settings.home.parent
    free = shutil.disk_usage(home).free
    megabytes = free // 1_000_000
    return Check(
        "disk",
        free > LOW_DISK,
        Text(tr=f"{home} yerinde {megabytes} MB boş", en=f"{megabytes} MB free at {home}"),
        Text(tr="Diskte yer açın.", en="Free some disk space."),
    )


def _key(settings: Settings) -> Check:
    if settings.master_key is not None or settings.master_key_file is not None:
        return Check("master key", True, Text(tr="ayrı yerde", en="kept apart from the data"))
    message = Text(
        tr="verilerin yanında duruyor; canlı kullanımda KOPRU_MASTER_KEY_FILE ile ayrı bir yere alın",
        en="lies beside the data; in production keep it elsewhere with KOPRU_MASTER_KEY_FILE",
    )
    return Check("master key", True, message)


def _variables(settings: Settings) -> Check:
    names = ", ".join(settings.unknown)
    return Check(
        "settings",
        not names,
        Text(tr=f"bilinmeyen: {names}", en=f"unknown: {names}")
        if names
        else Text(tr="anlaşıldı", en="understood"),
        Text(
            tr="Bu ortam değişkenleri hiçbir işe yaramıyor; yazımlarını düzeltin ya da kaldırın.",
            en="These environment variables mean nothing; correct their spelling or unset them.",
        ),
    )


def _plugins(registry: Registry) -> Check:
    skipped = ", ".join(entry.name for entry in registry.report if entry.status is not Status.LOADED)
    return Check(
        "plugins",
        not skipped,
        Text(tr=f"atlandı: {skipped}", en=f"skipped: {skipped}")
        if skipped
        else Text(tr="hepsi yüklü", en="all loaded"),
        Text(tr="Nedeni: kopru plugin list", en="For the reason: kopru plugin list"),
    )


def _queue(engine: Engine) -> Check:
    try:
        engine.bell.ping()
    except ConnectionError as error:
        return Check(
            "queue",
            False,
            Text(tr=str(error)[:200], en=str(error)[:200]),
            Text(
                tr="KOPRU_REDIS_URL adresini ve sunucuyu denetleyin.",
                en="Check KOPRU_REDIS_URL and the server.",
            ),
        )
    return Check("queue", True, Text(tr="yanıt veriyor", en="answers"))
