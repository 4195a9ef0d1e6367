"""The tutorial, followed word for word in an empty folder: files are written, commands run, outputs compared.

A block under a file's name is that file; a block of shell is run, and must fail where it says ``# fails``; a text
block after it names parts of its output, in order.
"""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
FENCE = re.compile(
    r"(?:^\*\*`(?P<file>[\w./-]+)`\*\*\n\n)?^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.M | re.S
)
MAKES_ENVIRONMENT = "python -m venv .venv"


@dataclass
class Reader:
    """Somebody who does what the page says. What changes the shell (where it is, its paths) is done again."""

    folder: Path
    variables: dict[str, str]
    share: object
    shell: list[str] = field(default_factory=list)
    output: str = ""
    ran: list[str] = field(default_factory=list)

    @property
    def place(self) -> Path:
        moves = (line.removeprefix("cd ") for line in self.shell if line.startswith("cd "))
        return self.folder.joinpath(*moves)

    def write(self, name: str, text: str) -> None:
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def run(self, code: str) -> None:
        for command in code.replace("\\\n", " ").splitlines():
            done = self._bash(command)
            self.output = done.stdout + done.stderr
            failed = done.returncode != 0
            assert failed == command.endswith("# fails"), f"{command}\n{self.output[-6000:]}"
            if command.startswith(("cd ", ". ")):
                self.shell.append(command)
            if command == MAKES_ENVIRONMENT:
                self.share(self.place / ".venv")
            self.ran.append(command)

    def expect(self, text: str) -> None:
        at = 0
        for line in text.splitlines():
            at = self.output.find(line, at)
            assert at >= 0, f"{self.ran[-1]} does not say “{line}”:\n{self.output[-4000:]}"

    def _bash(self, command):
        return subprocess.run(
            ["bash", "-ec", "\n".join((*self.shell, command))],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="module")
def reader(tmp_path_factory, share_packages, variables_for):
    """Somebody who has come to the end of the page."""
    folder = tmp_path_factory.mktemp("tutorial")
    found = Reader(folder, variables_for(tmp_path_factory.mktemp("home")), share_packages)
    for block in FENCE.finditer(TUTORIAL.read_text("utf-8")):
        if block["file"]:
            found.write(block["file"], block["code"])
        elif block["language"] == "sh":
            found.run(block["code"])
        else:
            found.expect(block["code"])
    return found


def test_the_tutorial_ends_green(reader):
    assert reader.ran[-2:] == ["pytest", "kopru payload preview --plugin carsi order.json"]
    assert sum(command.startswith("kopru ") for command in reader.ran) >= 5


def test_no_file_of_the_package_is_left_unwritten(reader):
    sources = list((reader.place / "src").rglob("*.py"))
    assert len(sources) > 10
    assert [path.name for path in sources if "NotImplementedError" in path.read_text("utf-8")] == []


def test_what_the_tutorial_shows_passes_the_linter_of_plugins(reader):
    for words in (["check"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--no-cache", "."],
            cwd=reader.place,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_what_the_tutorial_shows_is_typed(reader):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(reader.folder / "mypy"), "src", "tests"],
        cwd=reader.place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
