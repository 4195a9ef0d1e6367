"""How the repository is laid out, how large the core may grow, and what no file may say."""

import ast
import io
import tokenize
import tomllib
from collections import Counter
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUDGET = 23_500
PATH = (
    "model",
    "hooks",
    "sdk.py",
    "settings.py",
    "flows",
    "storage",
    "jobs",
    "documents",
    "transport",
    "registry",
    "web",
)
PATH_BUDGET = 15_200
PACKAGE_BUDGET = 2_500
WIDER = {"flows": 7_500}
"""Logical lines; docs/decisions/0008-size-of-the-core.md."""
KINDS = {"shops", "marketplaces", "accounting", "einvoice", "advisers"}
MADE_HERE = {".git", ".venv", ".kopru", ".hypothesis", "dist", "build", "__pycache__", "node_modules"}
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/*/pyproject.toml"))

NEVER = [
    "/" + "work/",
    "/" + "root/",
    "py" + "pi.org",
    "python" + "hosted.org",
    "regis" + "try.npmjs",
    "--index" + "-url http",
]
"""Paths of the machine something was written on, and hosts that packages come from."""


def code_lines(source):
    """Return the number of logical lines of code: however a statement is wrapped, it counts once.

    Comments and docstrings count nothing.
    """
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = sum(token.type == tokenize.NEWLINE for token in tokens)
    expressions = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr))
    texts = sum(isinstance(value, ast.Constant) and isinstance(value.value, str) for value in expressions)
    return lines - texts


def files():
    """Yield every file that is not made by tools."""
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            if path.name in MADE_HERE or path.name.endswith((".egg-info", "_cache")) or path.is_symlink():
                continue
            if path.is_dir():
                folders.append(path)
            else:
                yield path


def test_lines_of_code_are_counted_as_such():
    source = '"""Doc\n\nstring."""\n\n# comment\nX = 1  # more\n\n\ndef f(\n    a,\n):\n    """Doc."""\n    return """a\nb"""\n'
    assert code_lines(source) == 3


def sizes():
    """Return the logical lines of each package of the core.

    The testing kit (and what runs it on a whole installation) is an extra of its own, like the simulators.
    """
    core, found = ROOT / "core" / "kopru", Counter()
    for path in core.rglob("*.py"):
        parts = path.relative_to(core).parts
        if parts[0] not in {"migrations", "testing"} and parts[:2] != ("runtime", "chaos"):
            found[parts[0]] += code_lines(path.read_text("utf-8"))
    return found


def test_the_core_stays_small():
    found = sizes()
    assert {"flows", "storage", "matching", "cli"} <= set(found)
    assert sum(found.values()) <= BUDGET, found
    assert sum(found[name] for name in PATH) <= PATH_BUDGET, found


def test_every_package_of_the_core_can_be_held_in_the_head():
    assert {name: lines for name, lines in sizes().items() if lines > WIDER.get(name, PACKAGE_BUDGET)} == {}


def test_no_file_names_a_machine_or_a_package_host():
    texts = {str(path.relative_to(ROOT)): path.read_bytes().decode("utf-8", "replace") for path in files()}
    assert len(texts) > 200
    assert [(name, each) for name, text in texts.items() for each in NEVER if each in text] == []


def test_the_core_wheel_ships_its_migrations():
    link = ROOT / "core" / "kopru" / "migrations"
    assert link.is_symlink()
    assert not Path(link.readlink()).is_absolute()
    assert link.resolve() == ROOT / "migrations"


def test_tests_are_no_packages():
    folders = [ROOT / "tests", *(plugin / "tests" for plugin in PLUGINS)]
    assert [path for folder in folders for path in folder.rglob("__init__.py")] == []


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_is_a_distribution_of_its_own(folder):
    name = folder.name
    assert folder.parent.name in KINDS
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == f"kopru-{name}"
    assert list(project["entry-points"]["kopru.plugins"]) == [name]
    package = folder / "src" / f"kopru_{name}"
    for needed in (package / "__init__.py", package / "py.typed", folder / "README.md", folder / "tests"):
        assert needed.exists(), needed
    assert len((folder / "README.md").read_text("utf-8")) > 500
    assert list((folder / "tests").glob("test_*.py"))
    (point,) = (point for point in entry_points(group="kopru.plugins") if point.name == name)
    assert point.load().manifest.name == name


def test_every_plugin_is_found():
    assert {path.name for path in PLUGINS} == {point.name for point in entry_points(group="kopru.plugins")}
