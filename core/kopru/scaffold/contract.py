"""The hooks as text, read from the contract itself: a new plugin begins with today's signatures."""

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from kopru import model, sdk
from kopru.hooks import ports
from kopru.hooks.specs import KopruSpecs

_DROPPED = ("Called by:", "Since:")
"""Parts of a hook's description that the reference page has and a plugin's own code does not repeat."""

_LONGEST_SUMMARY = 96
_STANDARD = {"Any": "typing", "Sequence": "collections.abc", "datetime": "datetime"}


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook: its parameters without ``self``, as they are written, and its description."""

    name: str
    parameters: tuple[str, ...]
    returns: str
    doc: str
    port: str

    @property
    def summary(self) -> str:
        """Return the first line of the description; a long one ends at its first comma."""
        line = self.doc.partition("\n")[0]
        return line if len(line) <= _LONGEST_SUMMARY else f"{line.partition(',')[0]}."

    @property
    def arguments(self) -> str:
        """Return the names of the parameters, as they are handed on."""
        return ", ".join(each.partition(":")[0] for each in self.parameters)

    @property
    def names(self) -> frozenset[str]:
        """Return every name the signature uses."""
        return names_in(", ".join((*(each.partition(":")[2] for each in self.parameters), self.returns)))

    def of(self, config: str) -> "Hook":
        """Return the hook with the settings class of a plugin in place of any."""
        own = {"config: BaseModel": f"config: {config}"}
        parameters = tuple(own.get(each, each) for each in self.parameters)
        return Hook(self.name, parameters, self.returns, self.doc, self.port)


@cache
def hooks() -> dict[str, Hook]:
    """Return every hook of the contract by name, in its order."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(KopruSpecs)))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
    named = {next(name for name in vars(port) if name[0] != "_"): port.__name__ for port in _ports()}
    found = (node for node in body if isinstance(node, ast.FunctionDef))
    return {node.name: _hook(node, named[node.name]) for node in found}


def names_in(source: str) -> frozenset[str]:
    """Return the names that annotations use; ``source`` is a list of expressions."""
    return frozenset(node.id for node in ast.walk(ast.parse(f"({source},)")) if isinstance(node, ast.Name))


def home_of(name: str) -> str | None:
    """Return the module a plugin imports a name from, or ``None`` when it needs no import."""
    if name in sdk.__all__:
        return "kopru.sdk"
    if name in model.__all__:
        return "kopru.model"
    return _STANDARD.get(name)


def _hook(node: ast.FunctionDef, port: str) -> Hook:
    parameters = tuple(
        f"{each.arg}: {ast.unparse(each.annotation)}" if each.annotation else each.arg
        for each in node.args.args[1:]
    )
    returns = ast.unparse(node.returns) if node.returns else "None"
    return Hook(node.name, parameters, returns, _description(ast.get_docstring(node) or ""), port)


def _description(doc: str) -> str:
    return "\n\n".join(
        text for part in doc.split("\n\n") if (text := "\n".join(_kept(part.splitlines())).strip())
    )


def _kept(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a description; a part that is dropped ends where the next one begins."""
    dropping = False
    for line in lines:
        if line[:1].isupper() and ":" in line:
            dropping = line.startswith(_DROPPED)
        if not dropping:
            yield line


def _ports() -> Iterator[type]:
    for port in vars(ports).values():
        if inspect.isclass(port) and port.__module__ == ports.__name__ and port is not ports.Plugin:
            yield port
