"""Python source, written as the formatter of this project would leave it."""

import ast
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

WIDTH = 110
INDENT = "    "
_STANDARD = frozenset({"collections", "dataclasses", "datetime", "pathlib", "typing"})


def imports(wanted: Iterable[tuple[str, str]]) -> str:
    """Return ``from … import …`` lines for (module, name) pairs, in the usual groups."""
    modules: dict[str, set[str]] = defaultdict(set)
    for module, name in wanted:
        modules[module].add(name)
    groups: dict[int, list[str]] = defaultdict(list)
    for module in sorted(modules):
        groups[_group(module)].append(_import(module, sorted(modules[module], key=_rank)))
    return "\n\n".join("\n".join(groups[group]) for group in sorted(groups))


def function(
    name: str, parameters: Sequence[str], returns: str, doc: str, body: str, *, depth: int = 0
) -> str:
    """Return a function with its description."""
    pad = INDENT * depth
    head = signature(name, parameters, returns, depth=depth)
    inside = f"{docstring(doc, depth=0)}\n{body}" if doc else body
    return textwrap.indent(f"{head}\n{textwrap.indent(inside, INDENT)}", pad)


def signature(name: str, parameters: Sequence[str], returns: str, *, depth: int = 0) -> str:
    """Return a ``def`` line for a place ``depth`` levels deep."""
    room = WIDTH - len(INDENT) * depth
    joined = ", ".join(parameters)
    for text in (
        f"def {name}({joined}) -> {returns}:",
        f"def {name}(\n{INDENT}{joined}\n) -> {returns}:",
    ):
        if all(len(line) <= room for line in text.splitlines()):
            return text
    return "\n".join((f"def {name}(", *(f"{INDENT}{each}," for each in parameters), f") -> {returns}:"))


def docstring(text: str, *, depth: int) -> str:
    """Return a docstring; a text of several lines closes on a line of its own."""
    quoted = f'"""{text}"""' if "\n" not in text else f'"""{text}\n"""'
    return textwrap.indent(quoted, INDENT * depth)


def unwritten(message: str, *, depth: int = 1) -> str:
    """Return a statement that says what is to be written in its place."""
    room = WIDTH - len(INDENT) * depth
    whole = f"raise NotImplementedError({quoted(message)})"
    if len(whole) <= room:
        return whole
    width = room - len(INDENT) - len('""')
    lines = [message] if len(message) <= width else textwrap.wrap(message, width - 1, break_on_hyphens=False)
    texts = [quoted(f"{line} ") for line in lines[:-1]] + [quoted(lines[-1])]
    return "\n".join(("raise NotImplementedError(", *(f"{INDENT}{text}" for text in texts), ")"))


def quoted(text: str) -> str:
    """Return a text as a string in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def used_names(source: str) -> frozenset[str]:
    """Return every name that a piece of code reads."""
    return frozenset(node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name))


def entries(name: str, values: Mapping[str, str]) -> str:
    """Return a keyword argument that is a dictionary, one entry a line."""
    lines = (f"{INDENT}{key}: {value}," for key, value in values.items())
    return "\n".join((f"{name}={{", *lines, "},"))


def _import(module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join((f"from {module} import (", *(f"{INDENT}{name}," for name in names), ")"))


def _group(module: str) -> int:
    top = module.partition(".")[0]
    if top in _STANDARD:
        return 0
    return 2 if top.startswith("kopru") else 1


def _rank(name: str) -> tuple[int, str]:
    """Constants first, then classes, then functions."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)
