"""``kopru plugin why``: what became of a plugin, step by step, and what to do where it stopped."""

import json as jsonlib
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from kopru.cli.common import Json, session
from kopru.cli.host import host
from kopru.cli.output import Exit, err, show
from kopru.cli.plugins import Name, app
from kopru.hooks.manifest import HOOK_API
from kopru.model import Language, Text
from kopru.registry import Loaded, Registry, Status

Step = tuple[str, bool, Text]
"""What was looked at, whether it is well, and what there is to say."""

_STOPS = {
    Status.SWITCHED_OFF: "switched on",
    Status.FAILED: "imported",
    Status.INCOMPATIBLE: "version",
    Status.INVALID: "contract",
}
_ORDER = ("switched on", "imported", "version", "contract")
_YES = Text(tr="Evet.", en="Yes.")
_SWITCH = Text(
    tr=" Açmak için adını KOPRU_PLUGINS_DISABLED değişkeninden çıkarın.",
    en=" To switch it on take its name out of KOPRU_PLUGINS_DISABLED.",
)


@app.command()
def why(
    context: typer.Context,
    name: Name,
    tenant: Annotated[
        str | None,
        typer.Option("--tenant", "-t", help="Also say whether this company may use it."),
    ] = None,
    json: Json = False,
) -> None:
    """Say step by step why a plugin is loaded or was skipped, and what to do about it.

    The plugin is tried again, whatever was found before.
    """
    owner = host(context)
    registry: Registry = owner.installed(afresh=name)
    found = next((entry for entry in registry.report if entry.name == name), None)
    steps = list(steps_of(name, found, [entry.name for entry in registry.report]))
    if tenant is not None and found is not None and found.plugin is not None:
        with session(context, tenant) as at:
            with at.work.read() as uow:
                enabled = name in uow.settings.enabled()
            steps += _gates(name, tenant, allowed=name in at.desk.store.allowed(), enabled=enabled)
    show([_row(step, owner.language) for step in steps], as_json=json)
    if found is not None and found.trace:
        err.print(found.trace.rstrip(), style="dim", markup=False, highlight=False)
    raise typer.Exit(Exit.DONE if all(ok for _, ok, _ in steps) else Exit.FAILED)


def steps_of(name: str, found: Loaded | None, known: list[str]) -> Iterator[Step]:
    """Yield the steps from being installed to being loaded, up to the one that failed."""
    if found is None:
        yield "installed", False, _missing(name, known)
        return
    yield "installed", True, _home(found)
    stop = _STOPS.get(found.status)
    for step in _ORDER:
        if step == stop:
            more = _SWITCH if found.status is Status.SWITCHED_OFF else Text(tr="", en="")
            yield step, False, Text(tr=found.reason.tr + more.tr, en=found.reason.en + more.en)
            return
        yield step, True, _well(step, found)


def folder_of(package: str) -> Path | None:
    """Return the folder a package was installed from with ``pip install -e``, if it was."""
    try:
        url = _origin(distribution(package))
    except PackageNotFoundError:
        return None
    return Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None


def _missing(name: str, known: list[str]) -> Text:
    package = f"kopru-{name.replace('_', '-')}"
    try:
        distribution(package)
    except PackageNotFoundError:
        near = get_close_matches(name, known, n=1)
        if near:
            return Text(
                tr=f"Kurulu değil. “{near[0]}” mi demek istediniz?",
                en=f"It is not installed. Did you mean “{near[0]}”?",
            )
        return Text(
            tr=f"Kurulu değil. Kurun: pip install {package}",
            en=f"It is not installed. Install it: pip install {package}",
        )
    return Text(
        tr=f"{package} kurulu, ama kopru.plugins altında “{name}” adlı bir girişi yok. pyproject.toml'da "
        '[project.entry-points."kopru.plugins"] bölümünü düzeltip yeniden kurun.',
        en=f"{package} is installed, but names no “{name}” in kopru.plugins. Correct the section "
        '[project.entry-points."kopru.plugins"] of its pyproject.toml and install it again.',
    )


def _home(found: Loaded) -> Text:
    if not found.distribution:
        return Text(tr="Paketi bilinmiyor.", en="Its package is not known.")
    folder = folder_of(found.distribution)
    shown = f"{found.distribution} {distribution(found.distribution).version}"
    return Text(
        tr=f"{shown}, {folder} klasöründen." if folder else f"{shown}.",
        en=f"{shown}, from {folder}." if folder else f"{shown}.",
    )


def _origin(package: Distribution) -> str:
    """Return the address that pip noted for a package that came from a folder or file (PEP 610)."""
    note = jsonlib.loads(package.read_text("direct_url.json") or "{}")
    url = note.get("url", "")
    return url if note.get("dir_info", {}).get("editable") and isinstance(url, str) else ""


def _well(step: str, found: Loaded) -> Text:
    if step == "imported" and found.seconds:
        return Text(tr=f"{found.seconds:.2f} saniyede.", en=f"In {found.seconds:.2f} s.")
    if step == "version" and found.plugin is not None:
        low, high = found.plugin.manifest.hook_api
        return Text(
            tr=f"Sözleşme {HOOK_API}; istediği {low}–{high}.",
            en=f"Hook API {HOOK_API}; it asks for {low} to {high}.",
        )
    if step == "contract" and found.hooks:
        hooks = ", ".join(sorted(found.hooks))
        return Text(tr=f"Kancaları: {hooks}.", en=f"Its hooks: {hooks}.")
    return _YES


def _gates(name: str, tenant: str, *, allowed: bool, enabled: bool) -> Iterator[Step]:
    to_allow = Text(
        tr=f"Bu kurulumda izinli değil. Sıradaki: kopru plugin allow {name}",
        en=f"It is not allowed on this installation. Next: kopru plugin allow {name}",
    )
    to_enable = Text(
        tr=f"Bu firma için açık değil. Sıradaki: kopru plugin enable {name} --tenant {tenant}",
        en=f"It is not enabled for this company. Next: kopru plugin enable {name} --tenant {tenant}",
    )
    yield "allowed", allowed, _YES if allowed else to_allow
    yield "enabled", enabled, _YES if enabled else to_enable


def _row(step: Step, language: Language) -> dict[str, object]:
    name, ok, text = step
    return {"step": name, "ok": ok, "what": text.of(language)}
