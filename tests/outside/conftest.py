"""Packages as a stranger would install them: a folder with a module and the files pip leaves beside it."""

import importlib
import sys
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent

import pytest

from kopru.registry import Limits, Memory, Prober, Registry

GOOD = """
from kopru.model import Text
from kopru.sdk import CheckResult, Manifest, PluginKind, hookimpl
from pydantic import BaseModel


class Config(BaseModel):
    pass


class Shop:
    manifest = Manifest(
        name="{name}", kind=PluginKind.SHOP, title=Text(tr="Dükkân", en="Shop"), version="1.0",
        config=Config, hook_api={hook_api},
    )

    @hookimpl
    def check_connection(self, ctx):
        return CheckResult(())


plugin = Shop()
"""


class Site:
    """A folder on the path that packages are installed into, and what a worker finds there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.memory = folder.parent / "memory"
        self._names = set()

    def install(self, name, code=None, *, before="", after="", hook_api=(1, 1), package=None):
        """Install a package with one plugin; ``code`` is its module, without any a plugin that does nothing."""
        self._names.add(name)
        package = package or f"kopru-{name}"
        module = package.replace("-", "_")
        (self.folder / module).mkdir()
        file = self.folder / module / "__init__.py"
        good = GOOD.format(name=name, hook_api=hook_api)
        file.write_text(dedent(before) + (dedent(code) if code is not None else good) + dedent(after))
        info = self.folder / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[kopru.plugins]\n{name} = {module}:plugin\n")
        (info / "RECORD").write_text(f"{module}/__init__.py,sha256=made-up,{file.stat().st_size}\n")
        importlib.invalidate_caches()
        return file

    def discover(self, *, seconds=30.0, memory=1 << 30, afresh=(), **clock):
        """Find plugins as a worker does, except for those of this project; returns the report by name."""
        prober = Prober(Memory(self.memory, **clock), Limits(seconds, memory), afresh=afresh)
        others = {point.name for point in entry_points(group="kopru.plugins")} - self._names
        report = Registry.installed(others, prober).report
        return {entry.name: entry for entry in report if entry.name in self._names}


@pytest.fixture(scope="session")
def open_site(tmp_path_factory):
    """Return a context in which a new folder of packages is on the path."""

    @contextmanager
    def open_():
        folder = tmp_path_factory.mktemp("outside") / "site"
        folder.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(str(folder))
            yield Site(folder)
        for name, module in list(sys.modules.items()):
            if Path(getattr(module, "__file__", None) or "/").is_relative_to(folder):
                del sys.modules[name]

    return open_


@pytest.fixture
def site(open_site):
    with open_site() as made:
        yield made
