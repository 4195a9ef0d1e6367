"""How commands speak: tables for people, JSON for programs, errors with what to do, fixed exit codes."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kopru.cli.privacy import covered, covered_finding, covered_text
from kopru.hooks.errors import AuthError, ConfigError, ConnectorError, OutcomeUnknown, Rejected
from kopru.model import Finding, Language, Text


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PARTLY = 3
    UNCERTAIN = 4
    NEEDS_LOGIN = 5


out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

Row = Mapping[str, Any]


def show(rows: Sequence[Row], *, as_json: bool, columns: Sequence[str] | None = None) -> None:
    """Print rows as a table, or all their data as a JSON array."""
    if as_json:
        out.print_json(json.dumps([dict(row) for row in rows], default=plain), highlight=False)
        return
    names = list(columns or (rows[0].keys() if rows else ()))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row.get(name))) for name in names))
    out.print(table)
    if not rows:
        err.print("—", style="dim")


def show_one(row: Row, *, as_json: bool) -> None:
    """Print one record's fields."""
    if as_json:
        out.print_json(json.dumps(dict(row), default=plain), highlight=False)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in row.items():
        table.add_row(name.replace("_", " "), escape(_cell(value)))
    out.print(table)


def say(text: Text, language: Language, **style: Any) -> None:
    """Print a message to standard error, in the user's language."""
    err.print(text.of(language), markup=False, highlight=False, **style)


def tell_findings(findings: Sequence[Finding], language: Language) -> None:
    """Print findings, worst first, each with its field and code."""
    for finding in sorted(findings, key=lambda each: not each.blocks):
        mark = "✗" if finding.blocks else "!"
        where = f" [{finding.field}]" if finding.field else ""
        err.print(
            f"  {mark} {finding.message.of(language)}{where} ({finding.code})", markup=False, highlight=False
        )


@contextmanager
def telling(language: Language) -> Iterator[None]:
    """Turn the engine's errors into a message with the fix and the right exit code."""
    try:
        yield
    except ConnectorError as error:
        say(covered_text(error.message), language, style="red")
        if isinstance(error, Rejected):
            tell_findings([covered_finding(each, ()) for each in error.findings], language)
        if error.detail:
            err.print(f"  {error.code}: {covered(error.detail)}", style="dim", markup=False, highlight=False)
        raise typer.Exit(exit_code(error)) from error


def exit_code(error: ConnectorError) -> Exit:
    """Return the exit code of an error."""
    if isinstance(error, AuthError):
        return Exit.NEEDS_LOGIN
    if isinstance(error, OutcomeUnknown):
        return Exit.UNCERTAIN
    return Exit.FAILED


def confirmed(question: Text, language: Language, *, yes: bool) -> bool:
    """Ask before something that cannot be undone; without a terminal ``--yes`` is needed."""
    if yes:
        return True
    if not sys.stdin.isatty():
        say(
            Text(
                tr="Onay gerekiyor: uçbirim olmadan --yes verin.",
                en="Confirmation is needed: without a terminal, pass --yes.",
            ),
            language,
        )
        raise typer.Exit(Exit.USAGE)
    return typer.confirm(question.of(language))


def write_file(content: bytes, output: Path | None, name: str, ending: str) -> None:
    """Write bytes to a file, into a folder under a name, or to standard output.

    Raises:
        ConfigError: the file cannot be written.
    """
    if output is None:
        typer.get_binary_stream("stdout").write(content)
        return
    target = output / f"{name}.{ending}" if output.is_dir() else output
    try:
        target.write_bytes(content)
    except OSError as error:
        raise ConfigError(
            "documents.not_written",
            Text(tr=f"“{target}” yazılamıyor.", en=f"“{target}” cannot be written."),
            detail=str(error),
        ) from error
    typer.echo(str(target), err=True)


def plain(value: object) -> Any:
    """Return a value as JSON data."""
    if isinstance(value, Text):
        return {"tr": value.tr, "en": value.en}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, frozenset | set | tuple):
        return sorted(value) if isinstance(value, frozenset | set) else list(value)
    if callable(getattr(value, "model_dump", None)):
        dump: Callable[..., Any] = value.model_dump  # type: ignore[attr-defined]
        return dump(mode="json")
    return str(value)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value == value.to_integral_value() else str(value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=plain, ensure_ascii=False)
    return str(value)
