"""GİB's own rules: schema and schematron, run by ``efatura-kontrol``.

The library keeps one schematron engine per process and sets the document type on it before each run, so calls
from several threads are serialised here. It is imported on first use, and made anew in a forked child,
because the engine's native runtime does not promise to survive a fork.
"""

import os
import re
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from kopru.model import Finding, Severity
from kopru_ubltr.texts import finding, said

MOST = 100
"""Findings told per document; a broken document can produce one per element."""

_SEVERITIES = {"hata": Severity.ERROR, "uyari": Severity.WARNING, "bilgi": Severity.INFO}
_RULE = re.compile(r"^sch-(\w+?)(-\d+)?$")
_STEP = re.compile(r"Q\{[^}]*\}|\*\[namespace-uri\(\)='[^']*' and local-name\(\)='([^']*)'\]")
_FIRST = re.compile(r"\[1\]")
_CLIP = 600

_FUTURE = "sch-TimeCheck-1"
"""The schematron compares dates with the machine's clock and zone.

Our check by Istanbul's day replaces it.
"""

_UNSIGNED = "imza-yok"
"""A document leaves us unsigned: the integrator signs it."""

_REPLACED = frozenset(
    {_FUTURE, _UNSIGNED, "hesap-satir", "hesap-vergi", "hesap-vergi-toplam", "hesap-dip-vergi-dahil"}
    | {"hesap-dip-odenecek", "hesap-tevkifat-toplam", "hesap-para-birimi"}
)
"""Findings that a stricter or better informed check of our own stands for."""

Check = Callable[[bytes, bool], list[Any]]

_lock = Lock()
_engine: Check | None = None
_abandoned: list[Any] = []
"""Engines of parent processes: never finalised here, since their runtime belongs to the parent."""


def findings(content: bytes, *, arithmetic: bool) -> Iterator[Finding]:
    """Yield the findings of schema, schematron and signature structure, never an exception.

    Args:
        content: an invoice that the safe parser has accepted, in UTF-8.
        arithmetic: whether to ask for the library's view of the sums too. It breaks on numbers that cannot be
            read, and says nothing new when our own arithmetic has found something.
    """
    try:
        with _lock:
            found = _check()(content.removeprefix(b"\xef\xbb\xbf"), arithmetic)
    except Exception as error:  # noqa: BLE001 - a young library and a native engine: one document, one finding
        yield finding("ubltr.gib.failed", detail=f"{type(error).__name__}: {error}")
        return
    told = [each for each in found if each.kod not in _REPLACED]
    yield from (_finding(each) for each in told[:MOST])
    if len(told) > MOST:
        yield finding("ubltr.gib.more", severity=Severity.INFO, count=len(told) - MOST)


def _check() -> Check:
    global _engine  # noqa: PLW0603 - one native engine per process, by its nature
    if _engine is None:
        _engine = _load()
    return _engine


def _load() -> Check:
    from efatura_kontrol import belge, hesap, imza, sematron, xsd  # noqa: PLC0415 - heavy, on first use

    def check(content: bytes, arithmetic: bool) -> list[Any]:
        document = belge.yukle(content)
        stages = (xsd, sematron, hesap, imza) if arithmetic else (xsd, sematron, imza)
        return [each for stage in stages for each in stage.dogrula(document)]

    return check


def _after_fork() -> None:
    global _lock  # noqa: PLW0603
    _lock = Lock()
    if _engine is None:
        return
    from efatura_kontrol import sematron  # noqa: PLC0415

    if sematron.motor.cache_info().currsize:
        _abandoned.append(sematron.motor())
        sematron.motor.cache_clear()


os.register_at_fork(after_in_child=_after_fork)


def _finding(found: Any) -> Finding:
    rule = _RULE.match(found.kod)
    severity = _SEVERITIES.get(found.seviye, Severity.ERROR)
    message = str(found.mesaj)[:_CLIP]
    if found.satir:
        message = f"{message} (satır {found.satir})"
    if rule:
        code, template = f"ubltr.gib.{rule.group(1)}", "ubltr.gib.rule"
    elif found.kod.startswith("xsd-"):
        code, template = f"ubltr.xsd.{_slug(found.kod[4:])}", "ubltr.gib.xsd"
    else:
        code, template = f"ubltr.{_slug(found.kod.replace('-', '.', 1))}", "ubltr.gib.rule"
    name = rule.group(1) if rule else found.kod
    return said(code, template, _field(found.konum), severity, rule=name, message=message)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "_", text.lower())


def _field(location: str | None) -> str:
    """Return an XPath without namespaces and without the index of an only or first element."""
    bare = _STEP.sub(lambda step: step.group(1) or "", location or "")
    return _FIRST.sub("", bare).strip("/")[:300]
