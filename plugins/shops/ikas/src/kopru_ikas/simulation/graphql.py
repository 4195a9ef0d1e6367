"""As much of GraphQL as the interface needs: documents are parsed, checked against a schema, answered."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from kopru_ikas.simulation.schema import ENUMS, INPUTS, ROOTS, SCALARS, TYPES, Root

_TOKEN = re.compile(r"\s*([{}()\[\]:!$,]|\w+)")


class BadDocument(Exception):
    """The document cannot be parsed, or does not fit the schema."""


@dataclass(frozen=True)
class Field:
    """One field of a selection with its arguments (names of variables) and its own selection."""

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    selection: tuple["Field", ...] = ()


@dataclass(frozen=True)
class Document:
    """One operation."""

    kind: str
    name: str
    variables: Mapping[str, str]
    root: Field


@lru_cache(maxsize=64)
def read(text: str, version: str) -> Document:
    """Return a document that fits the schema of a version.

    Raises:
        BadDocument: it does not.
    """
    document = _Parser(text).document()
    root = ROOTS[version].get(document.kind, {}).get(document.root.name)
    if root is None:
        raise BadDocument(f'Cannot query field "{document.root.name}" on type "{document.kind.title()}".')
    for name, variable in document.root.arguments.items():
        _check_argument(document, root, name, variable)
    for name, kind in root.arguments.items():
        if kind.endswith("!") and name not in document.root.arguments:
            raise BadDocument(f'Field "{document.root.name}" argument "{name}" of type "{kind}" is required.')
    _check_selection(document.root.selection, root.type, document.root.name)
    return document


def faults(document: Document, version: str, variables: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the values of variables."""
    root = ROOTS[version][document.kind][document.root.name]
    for name in variables:
        if name not in document.variables:
            yield f'Variable "${name}" is not declared.'
    for argument, variable in document.root.arguments.items():
        yield from _value_faults(variables.get(variable), root.arguments[argument], f"${variable}")


def chosen(value: Any, selection: tuple[Field, ...]) -> Any:
    """Return the chosen fields of a value; what it lacks is ``null``."""
    if not selection or value is None:
        return value
    if isinstance(value, list):
        return [chosen(each, selection) for each in value]
    return {each.name: chosen(value.get(each.name), each.selection) for each in selection}


def _check_argument(document: Document, root: Root, name: str, variable: str) -> None:
    wanted = root.arguments.get(name)
    if wanted is None:
        raise BadDocument(f'Unknown argument "{name}" on field "{document.root.name}".')
    given = document.variables.get(variable)
    if given is None:
        raise BadDocument(f'Variable "${variable}" is not defined.')
    if given.rstrip("!") != wanted.rstrip("!") or (wanted.endswith("!") and not given.endswith("!")):
        raise BadDocument(f'Variable "${variable}" of type "{given}" used where "{wanted}" is expected.')


def _check_selection(selection: tuple[Field, ...], kind: str, name: str) -> None:
    fields = TYPES.get(kind)
    if fields is None:
        if selection:
            raise BadDocument(
                f'Field "{name}" must not have a selection since type "{kind}" has no subfields.'
            )
        return
    if not selection:
        raise BadDocument(f'Field "{name}" of type "{kind}" must have a selection of subfields.')
    for each in selection:
        if each.name not in fields:
            raise BadDocument(f'Cannot query field "{each.name}" on type "{kind}".')
        _check_selection(each.selection, fields[each.name], each.name)


def _value_faults(value: Any, kind: str, path: str) -> Iterator[str]:
    if value is None:
        if kind.endswith("!"):
            yield f"{path} should not be null or undefined"
        return
    bare = kind.rstrip("!")
    if bare.startswith("["):
        for n, each in enumerate(value if isinstance(value, list) else [value]):
            yield from _value_faults(each, bare[1:-1], f"{path}[{n}]")
    elif bare in INPUTS:
        yield from _input_faults(value, bare, path)
    elif bare in ENUMS:
        if value not in ENUMS[bare]:
            yield f"{path} must be a valid enum value"
    elif not SCALARS[bare](value):
        yield f"{path} must be {bare}"


def _input_faults(value: Any, kind: str, path: str) -> Iterator[str]:
    fields = INPUTS[kind]
    if not isinstance(value, dict):
        yield f"{path} must be an object"
        return
    for name in value:
        if name not in fields:
            yield f'{path}: field "{name}" is not defined by type "{kind}"'
    for name, of in fields.items():
        yield from _value_faults(value.get(name), of, f"{path}.{name}")


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s+", "", text):
            raise BadDocument("Syntax Error: unexpected character.")
        self._at = 0

    def document(self) -> Document:
        kind, name = self._next(), self._next()
        if kind not in ("query", "mutation"):
            raise BadDocument(f'Syntax Error: Unexpected Name "{kind}".')
        variables = self._variables() if self._peek() == "(" else {}
        self._take("{")
        root = self._field()
        self._take("}")
        if self._peek():
            raise BadDocument("Syntax Error: one field and one operation are understood here.")
        return Document(kind, name, variables, root)

    def _variables(self) -> dict[str, str]:
        found = {}
        self._take("(")
        while self._peek() != ")":
            self._take("$")
            name = self._next()
            self._take(":")
            kind = ""
            while self._peek() not in ("$", ")", ",", ""):
                kind += self._next()
            found[name] = kind
            self._commas()
        self._take(")")
        return found

    def _field(self) -> Field:
        name, arguments = self._next(), {}
        if self._peek() == "(":
            self._take("(")
            while self._peek() != ")":
                argument = self._next()
                self._take(":")
                self._take("$")
                arguments[argument] = self._next()
                self._commas()
            self._take(")")
        if self._peek() != "{":
            return Field(name, arguments)
        selection = []
        self._take("{")
        while self._peek() != "}":
            selection.append(self._field())
            self._commas()
        self._take("}")
        return Field(name, arguments, tuple(selection))

    def _commas(self) -> None:
        while self._peek() == ",":
            self._at += 1

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token.isidentifier() and token not in ("[", "]", "!"):
            raise BadDocument(f'Syntax Error: expected a name, found "{token or "<EOF>"}".')
        self._at += 1
        return token

    def _take(self, token: str) -> None:
        if self._peek() != token:
            raise BadDocument(f'Syntax Error: expected "{token}", found "{self._peek() or "<EOF>"}".')
        self._at += 1
