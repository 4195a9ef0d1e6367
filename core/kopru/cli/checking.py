"""``kopru plugin check``: the contract kit over one plugin, told so that its author knows what to do next."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kopru.cli.common import Json
from kopru.cli.explaining import folder_of
from kopru.cli.host import host
from kopru.cli.output import Exit, err, out, say, show, telling
from kopru.cli.plugins import app, require_loaded
from kopru.hooks.errors import ConfigError
from kopru.model import Language, Text

if TYPE_CHECKING:
    from kopru.testing.contract import Check, Report

_GROUP = "kopru.plugins"
_NAMED = 4

Which = Annotated[str, typer.Argument(help="The plugin's name, or the folder of its source.")]


@app.command()
def check(context: typer.Context, plugin: Which, json: Json = False) -> None:
    """Run the contract kit over an installed plugin, against its own simulator.

    Where the plugin's source lies at hand (its folder is named, or it was installed with pip install -e), the
    test class of tests/test_contract.py counts, with its exemptions and levers.
    """
    owner = host(context)
    with telling(owner.language):
        name, folder = _named(plugin)
        found = require_loaded(owner.installed(afresh=name), name)
    folder = folder or folder_of(found.distribution)
    from kopru.testing.contract import run_contract  # noqa: PLC0415 - the kit is an extra

    with err.status(name) as status:
        report = run_contract(
            name, tests=folder / "tests" if folder else None, progress=lambda each: status.update(each.name)
        )
    if json:
        show([_row(each) for each in report.checks], as_json=True)
    else:
        _tell(report, owner.language)
    raise typer.Exit(Exit.DONE if report.ok else Exit.FAILED)


def _named(plugin: str) -> tuple[str, Path | None]:
    """Return the plugin's name, and its folder where that was given.

    Raises:
        ConfigError: the folder's project states no plugin.
    """
    folder = Path(plugin)
    if not (folder.is_dir() and ("/" in plugin or (folder / "pyproject.toml").is_file())):
        return plugin, None
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        return next(iter(project["entry-points"][_GROUP])), folder.absolute()
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        text = Text(
            tr=f"“{plugin}” klasöründe eklenti yok: pyproject.toml içinde "
            f'[project.entry-points."{_GROUP}"] bölümü bulunamadı.',
            en=f"There is no plugin in “{plugin}”: its pyproject.toml has no section "
            f'[project.entry-points."{_GROUP}"].',
        )
        raise ConfigError("plugin.folder", text, detail=repr(error)) from error


def _row(each: "Check") -> dict[str, Any]:
    return {
        "check": each.name,
        "verdict": each.verdict.value,
        "note": each.note or each.help,
        "help": each.help,
        "seconds": round(each.seconds, 3),
    }


def _tell(report: "Report", language: Language) -> None:
    """Print what failed, each cause once with the checks that met it; then what was not run; then the sum."""
    from kopru.testing.contract import Verdict  # noqa: PLC0415 - the kit is an extra

    failed, left_out = report.of(Verdict.FAILED), report.of(Verdict.LEFT_OUT)
    for note, checks in _by_note(failed).items():
        out.print(f"✗ {note}", style="red", markup=False, highlight=False)
        out.print(f"    {_listed(checks)}", style="dim", markup=False, highlight=False)
        if len(checks) == 1 and checks[0].help:
            _print_help(checks[0].help)
    for note, checks in _by_note((*left_out, *report.of(Verdict.EXEMPT))).items():
        out.print(f"– {note}", markup=False, highlight=False)
        out.print(f"    {_listed(checks)}", style="dim", markup=False, highlight=False)
    counts = report.to_json()["counts"]
    skipped = counts["left_out"] + counts["exempt"]
    say(
        Text(
            tr=f"{report.plugin}: {counts['passed']} geçti, {counts['failed']} kaldı, {skipped} atlandı.",
            en=f"{report.plugin}: {counts['passed']} passed, {counts['failed']} failed, {skipped} not run.",
        ),
        language,
        style="green" if report.ok else "red",
    )
    say(_next(failed), language)


def _next(failed: Sequence["Check"]) -> Text:
    if not failed:
        return Text(tr="Eklenti sözleşmeye uyuyor.", en="The plugin keeps the contract.")
    return Text(
        tr="Listenin başından başlayın: üstteki bir neden, alttakilerin çoğunu da açıklar.",
        en="Begin at the top of the list: a cause above often explains many of those below.",
    )


def _by_note(checks: Sequence["Check"]) -> dict[str, list["Check"]]:
    found: dict[str, list[Check]] = {}
    for each in checks:
        found.setdefault(each.note or each.help, []).append(each)
    return found


def _listed(checks: Sequence["Check"]) -> str:
    names = ", ".join(each.name for each in checks[:_NAMED])
    return f"{names}, … ({len(checks)})" if len(checks) > _NAMED else names


def _print_help(text: str) -> None:
    for line in text.splitlines():
        out.print(f"    {line}", markup=False, highlight=False)
