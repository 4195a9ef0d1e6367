"""The statements of a plugin: ``.sql`` files with a declared kind, typed values and checked names.

A file begins with comment lines; those with a keyword declare something, the others are for people::

    -- Item cards behind a code, in the order of codes.
    -- kind: read
    -- value: after nvarchar(25)
    -- name: table
    SELECT … FROM $(table) WHERE STKKOD > @after

``@after`` is a parameter of SQL Server itself; nothing is put into the text but the names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files

from kopru.hooks.errors import ConfigError, PluginBug, Rejected
from kopru.hooks.io import SqlValue
from kopru.transport.texts import TEXTS

FOLDER = "statements"

_FILE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_HEADER = re.compile(r"--[ \t]*(kind|value|name):[ \t]*(\S.*)")
_VALUE = re.compile(r"([a-z][a-z0-9_]{0,63}) +(\S+)")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NOT_CODE = re.compile(r"N?'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_PARAMETER = re.compile(r"(?<![@\w])@([a-z]\w*)")
"""Values are written in small letters; a word in capitals is a parameter of the procedure that is called."""
_LOCAL = re.compile(r"@(\w+)\s+(?:INT|BIGINT|N?VARCHAR|DECIMAL|DATE|DATETIME|BIT)\b", re.IGNORECASE)
_PLACE = re.compile(r"\$\((\w+)\)")
_WRITES = re.compile(
    r"\b(?:INSERT|UPDATE|DELETE|MERGE|EXEC|EXECUTE|INTO|CREATE|ALTER|DROP|TRUNCATE|GRANT|DENY|REVOKE|DBCC"
    r"|BULK|OPENROWSET|OPENQUERY|SHUTDOWN|BACKUP|RESTORE|KILL|USE)\b",
    re.IGNORECASE,
)
_CONTROLS = re.compile(r"\b(?:BEGIN|COMMIT|ROLLBACK|SAVE)\s+TRAN|\bGO\b", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[^\W\d]\w{0,127}")
_TEXT = re.compile(r"nvarchar\((\d{1,4}|max)\)")
_DECIMAL = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")
_WHOLE = {"bit": (0, 1), "int": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}
_MOMENTS = ("date", "datetime")


class Kind(StrEnum):
    """What a statement does to the database."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Statement:
    """One file: its kind, the type of each value, the names it has places for, and its text."""

    name: str
    kind: Kind
    types: Mapping[str, str]
    places: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A statement ready to be sent; each value has the Python type that its SQL type is written from."""

    name: str
    kind: Kind
    text: str
    types: Mapping[str, str]
    values: Mapping[str, SqlValue]


@cache
def load(package: str, name: str) -> Statement:
    """Return a statement of a package.

    Raises:
        PluginBug: there is no such file, or it does not declare what it contains.
    """
    if not _FILE.fullmatch(name):
        raise _faulty(name, "not the name of a statement")
    try:
        text = files(package).joinpath(FOLDER, f"{name}.sql").read_text(encoding="utf-8")
    except (OSError, ModuleNotFoundError, ValueError) as error:
        raise _faulty(name, f"no file {FOLDER}/{name}.sql in {package or 'the package'}") from error
    return parse(name, text)


def parse(name: str, text: str) -> Statement:
    """Return what a file declares.

    Raises:
        PluginBug: a declaration is missing, double or wrong, or a file that reads would write.
    """
    kind = ""
    types: dict[str, str] = {}
    places: set[str] = set()
    for word, rest in _HEADER.findall(text):
        if word == "kind":
            kind = rest.strip()
        elif word == "name":
            places.add(rest.strip())
        else:
            types.update([_declared(name, rest.strip())])
    if kind not in set(Kind):
        raise _faulty(name, "its kind is neither read nor write")
    code = _NOT_CODE.sub(" ", text)
    used = set(_PARAMETER.findall(code)) - set(_LOCAL.findall(code))
    if used != set(types):
        raise _faulty(name, f"declared and used values differ: {sorted(used ^ set(types))}")
    if set(_PLACE.findall(text)) != places or not all(map(_WORD.fullmatch, places)):
        raise _faulty(name, "declared and used names differ")
    if kind == Kind.READ and _WRITES.search(code):
        raise _faulty(name, "it reads, but holds a word that writes")
    if _CONTROLS.search(code):
        raise _faulty(name, "transactions belong to the caller")
    return Statement(name, Kind(kind), types, frozenset(places), text.strip())


def bind(statement: Statement, values: Mapping[str, SqlValue], names: Mapping[str, str]) -> Batch:
    """Return a statement with values of the declared types and names that were checked.

    Raises:
        PluginBug: values or names are missing, too many, or of another type than declared.
        ConfigError: ``sql.name`` for a name that may not stand in a statement.
        Rejected: ``sql.value`` for a value that does not fit its type; it would be cut or rounded silently.
    """
    if set(values) != set(statement.types) or set(names) != statement.places:
        raise _faulty(statement.name, "values or names differ from those it declares")
    fitted = {name: _fitted(statement, name, value) for name, value in values.items()}
    text = _PLACE.sub(lambda place: quoted(names[place[1]]), statement.text)
    return Batch(statement.name, statement.kind, text, statement.types, fitted)


def quoted(name: str) -> str:
    """Return a name of one or two parts (``dbo.Table``) in brackets.

    Raises:
        ConfigError: ``sql.name``.
    """
    parts = name.split(".")
    if len(parts) > 2 or not all(map(_IDENTIFIER.fullmatch, parts)):
        raise ConfigError("sql.name", TEXTS.text("sql.name", name=name[:100]))
    return ".".join(f"[{part}]" for part in parts)


def database_name(name: str) -> str:
    """Return the name of a database when it may be one.

    Raises:
        ConfigError: ``sql.name``.
    """
    if not _IDENTIFIER.fullmatch(name):
        raise ConfigError("sql.name", TEXTS.text("sql.name", name=name[:100] or "-"))
    return name


def _declared(name: str, text: str) -> tuple[str, str]:
    found = _VALUE.fullmatch(text)
    if found is None:
        raise _faulty(name, f"not a value: {text[:100]}")
    kind = found[2]
    if kind not in (*_WHOLE, *_MOMENTS) and not _TEXT.fullmatch(kind) and not _DECIMAL.fullmatch(kind):
        raise _faulty(name, f"not a type: {kind[:100]}")
    return found[1], kind


def _fitted(statement: Statement, name: str, value: SqlValue) -> SqlValue:
    kind = statement.types[name]
    text, number = _TEXT.fullmatch(kind), _DECIMAL.fullmatch(kind)
    if text and isinstance(value, str):
        fits = "\x00" not in value and (text[1] == "max" or _units(value) <= int(text[1]))
    elif number and isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = Decimal(value)
        fits = _fits(value, int(number[1]), int(number[2]))
    elif kind in _WHOLE and isinstance(value, int):
        value = int(value)
        fits = _WHOLE[kind][0] <= value <= _WHOLE[kind][1]
    elif (kind == "date" and type(value) is date) or (kind == "datetime" and isinstance(value, datetime)):
        # The type datetime begins in 1753 and knows no zones.
        fits = value.year >= 1753 and not (isinstance(value, datetime) and value.tzinfo)
    else:
        raise _faulty(statement.name, f"{name} is {type(value).__name__}, not {kind}")
    if not fits:
        raise Rejected("sql.value", TEXTS.text("sql.value", name=name, type=kind), field=name)
    return value


def _units(value: str) -> int:
    """Return the length SQL Server counts: characters beyond the basic plane take two units."""
    return len(value) + sum(character > "\uffff" for character in value)


def _fits(value: Decimal, digits: int, scale: int) -> bool:
    if not value.is_finite():
        return False
    exponent = value.normalize().as_tuple().exponent
    whole = value.adjusted() + 1 if value else 0
    return isinstance(exponent, int) and -exponent <= scale and whole <= digits - scale


def _faulty(name: str, detail: str) -> PluginBug:
    return PluginBug("sql.statement", TEXTS.text("sql.statement", name=name[:100]), detail=detail)
