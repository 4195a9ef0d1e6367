"""What plugins may use, written down line by line: names, fields, signatures.

``python tests/compatibility/snapshot.py`` writes ``public_api.txt`` anew. Do that when a version is released,
or when a change is meant and keeps to the deprecation rules of the integrator guide.
"""

import ast
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("public_api.txt")
HEAD = """\
# What plugins may use. Renewed by: python tests/compatibility/snapshot.py
"""
PACKAGES = ("kopru.sdk", "kopru.model", "kopru.toolkit", "kopru.testing")
INTERNAL = (
    *(
        "kopru.testing.broken",
        "kopru.testing.chaos",
        "kopru.testing.contract.",
        "kopru.testing.pytest_plugin",
    ),
    *("kopru.testing.checkers", "kopru.testing.evidence", "kopru.testing.measures", "kopru.testing.server"),
)
"""Modules below the packages that plugins do not import."""

Node = ast.ClassDef | ast.FunctionDef


def public_api() -> dict[str, str]:
    """Return each public name with the line that describes it."""
    found = dict(_hooks())
    for module in _modules():
        found |= dict(_names(module))
    return dict(sorted(found.items()))


def read(text: str) -> dict[str, str]:
    """Return what a snapshot says: each name with its line."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {_name_of(line): line for line in lines}


def problems(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Return what a plugin written for ``old`` may trip over, one line each."""
    gone = [f"removed: {line}" for name, line in old.items() if name not in new]
    changed = [
        f"changed: {line}\n     to: {new[name]}"
        for name, line in old.items()
        if name in new and new[name] != line and not _only_adds(line, new[name])
    ]
    demands = [
        f"needs a default: {line}"
        for name, line in new.items()
        if name not in old and _is_bare_field(line) and name.rpartition(".")[0] in old
    ]
    return [*gone, *changed, *demands]


def _hooks() -> Iterator[tuple[str, str]]:
    tree = _tree("kopru.hooks.specs")
    specs = next(node for node in tree.body if isinstance(node, ast.ClassDef))
    for node in specs.body:
        if isinstance(node, ast.FunctionDef):
            yield f"hook.{node.name}", f"hook.{_signature(node)}"


def _modules() -> Iterator[str]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield name
        for each in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{name}."):
            private = each.name.rpartition(".")[2].startswith("_")
            if not private and not each.name.startswith(INTERNAL):
                yield each.name


def _names(module: str) -> Iterator[tuple[str, str]]:
    """Describe what a module exports, or defines where it exports nothing by name."""
    loaded = importlib.import_module(module)
    exported = getattr(loaded, "__all__", None)
    for name in sorted(exported if exported is not None else _defined(module)):
        path = f"{module}.{name}"
        home = getattr(getattr(loaded, name), "__module__", module)
        node = _node(home, name) if str(home).startswith("kopru") else None
        yield from _described(path, node) if node else [(path, path)]


def _defined(module: str) -> list[str]:
    """Return the public names that a module itself defines and its package does not export."""
    parent = importlib.import_module(module.rpartition(".")[0])
    names = []
    for node in _tree(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.append(node.target.id)
    shown = set(getattr(parent, "__all__", ()))
    return [name for name in names if not name.startswith("_") and name not in shown]


def _described(path: str, node: Node) -> Iterator[tuple[str, str]]:
    stem = path.rpartition(".")[0]
    if isinstance(node, ast.FunctionDef):
        yield path, f"{stem}.{_signature(node)}"
        return
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    yield path, f"{path}({bases})" if bases else path
    for member in node.body:
        name, line = _member(member)
        if name and (not name.startswith("_") or name == "__init__"):
            yield f"{path}.{name}", f"{path}.{line}"


def _member(node: ast.stmt) -> tuple[str, str]:
    if isinstance(node, ast.FunctionDef):
        if any(isinstance(each, ast.Name) and each.id in _PROPERTIES for each in node.decorator_list):
            return (
                node.name,
                f"{node.name}: {ast.unparse(node.returns) if node.returns else 'Any'} (read only)",
            )
        return node.name, _signature(node)
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        name, kind = node.target.id, ast.unparse(node.annotation)
        return name, f"{name}: {kind}{' = …' if _has_default(node.value) else ''}"
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, f"{node.targets[0].id} = {ast.unparse(node.value)}"
    return "", ""


_PROPERTIES = frozenset({"property", "cached_property"})


def _has_default(value: ast.expr | None) -> bool:
    """Whether a field has a default; ``Field(gt=0)`` gives none."""
    if not isinstance(value, ast.Call):
        return value is not None
    if not (isinstance(value.func, ast.Name) and value.func.id in ("Field", "field")):
        return True
    first = value.args[0] if value.args else None
    named = {word.arg for word in value.keywords} & {"default", "default_factory"}
    required = isinstance(first, ast.Constant) and first.value is Ellipsis
    return bool(named) or (first is not None and not required)


def _signature(node: ast.FunctionDef) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){returns}"


def _node(module: str, name: str) -> Node | None:
    for node in _tree(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return node
    return None


@cache
def _tree(module: str) -> ast.Module:
    file = importlib.import_module(module).__file__
    assert file is not None
    return ast.parse(Path(file).read_text("utf-8"))


def _name_of(line: str) -> str:
    stem = line.partition("(")[0]
    return stem.partition(" = ")[0].partition(": ")[0].strip()


def _is_bare_field(line: str) -> bool:
    stem = line.partition("(")[0]
    return ": " in stem and not line.endswith((" = …", "(read only)"))


def _only_adds(old: str, new: str) -> bool:
    """Whether a function only got further parameters with defaults, or a field got a default."""
    if new == f"{old} = …":
        return True
    before, after = _parsed(old), _parsed(new)
    if (
        before is None
        or after is None
        or ast.unparse(before.returns or _NONE) != ast.unparse(after.returns or _NONE)
    ):
        return False
    kept, now = _parameters(before), _parameters(after)
    positional = [name for name, (kind, _) in kept.items() if kind == "positional"]
    return (
        [name for name in now if now[name][0] == "positional"][: len(positional)] == positional
        and all(now.get(name) == each for name, each in kept.items())
        and all(text.count("=") for name, (_, text) in now.items() if name not in kept)
    )


_NONE = ast.Constant(None)


def _parsed(line: str) -> ast.FunctionDef | None:
    name, bracket, rest = line.partition("(")
    try:
        made = ast.parse(f"def {name.rpartition('.')[2]}{bracket}{rest}: ...").body[0]
    except SyntaxError:
        return None
    return made if isinstance(made, ast.FunctionDef) else None


def _parameters(node: ast.FunctionDef) -> dict[str, tuple[str, str]]:
    """Return each parameter with its kind and its text, default included."""
    found: dict[str, tuple[str, str]] = {}
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    for kind, pairs in (("positional", zip(plain, defaults, strict=True)), ("named", named)):
        for each, default in pairs:
            text = ast.unparse(each) + (f"={ast.unparse(default)}" if default is not None else "")
            found[each.arg] = (kind, text)
    for each in (arguments.vararg, arguments.kwarg):
        if each is not None:
            found[each.arg] = ("rest", f"{ast.unparse(each)}=")
    return found


if __name__ == "__main__":
    lines = public_api().values()
    FILE.write_text(HEAD + "".join(f"{line}\n" for line in lines), "utf-8")
    sys.stdout.write(f"{len(lines)} names\n")
