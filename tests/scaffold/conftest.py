"""An environment of its own in which new plugins are installed: it finds what this one has, and downloads nothing."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = {"kopru": "from kopru.runtime import main", "pytest": "from pytest import console_main as main"}


def share(environment: Path) -> None:
    """Let an environment find the packages of this one, with scripts that run under its own Python."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    here = environment / "lib" / version / "site-packages"
    line = f"import site; site.addsitedir({sysconfig.get_paths()['purelib']!r})\n"
    (here / "shared.pth").write_text(line, "utf-8")
    for name, start in SCRIPTS.items():
        script = environment / "bin" / name
        script.write_text(f"#!{environment / 'bin' / 'python'}\n{start}\nraise SystemExit(main())\n", "utf-8")
        script.chmod(0o755)


def variables(home: Path) -> dict[str, str]:
    """Return environment variables under which pip downloads nothing and nobody's settings count."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KOPRU_", "PIP_", "PYTEST_"))
    }
    return {
        **kept,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
        "HOME": str(home),
        "KOPRU_HOME": str(home / "kopru"),
        "KOPRU_LANGUAGE": "en",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "false",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
        "COLUMNS": "220",
    }


@dataclass(frozen=True)
class Environment:
    """A Python environment that can be installed into."""

    folder: Path

    def run(self, *words: object, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a program of the environment."""
        program, *rest = map(str, words)
        return subprocess.run(
            [str(self.folder / "bin" / program), *rest],
            cwd=cwd or self.folder,
            env=variables(self.folder),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def install(self, folders: Sequence[Path]) -> None:
        """Install plugins as their READMEs say."""
        editable = [word for folder in folders for word in ("-e", str(folder))]
        done = self.run("python", "-m", "pip", "install", "-q", "--no-deps", *editable)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Environment:
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    share(folder)
    return Environment(folder)


@pytest.fixture(scope="session")
def share_packages():
    """Return what lets another environment find the packages of this one."""
    return share


@pytest.fixture(scope="session")
def variables_for():
    """Return what gives a process environment variables of its own."""
    return variables
