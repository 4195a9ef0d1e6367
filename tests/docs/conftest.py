"""What the tests of the documentation read: its Markdown pages, their code blocks and their inline code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})(?P<language>\w*)[^\n]*\n(?P<code>.*?)^(?P=fence)[ \t]*$", re.M | re.S
)
_INLINE = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)", re.S)


@dataclass(frozen=True)
class Block:
    """A fenced code block and the line before it."""

    language: str
    code: str
    before: str


@dataclass(frozen=True)
class Page:
    """One Markdown page."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix() if self.path.is_relative_to(ROOT) else self.path.name

    def blocks(self, *languages: str) -> Iterator[Block]:
        text = self.text
        for match in _FENCE.finditer(text):
            if not languages or match["language"] in languages:
                before = text[: match.start()].rstrip().rpartition("\n")[2]
                yield Block(match["language"], match["code"], before)

    @property
    def prose(self) -> str:
        """The page without its code blocks."""
        return _FENCE.sub("", self.text)

    def inline_code(self) -> Iterator[str]:
        for match in _INLINE.finditer(self.prose):
            yield " ".join(match[2].split())


def _pages() -> list[Page]:
    found = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/*/README.md")]
    return [Page(path) for path in sorted(found)]


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    return _pages()


@pytest.fixture(scope="session")
def guides(pages) -> list[Page]:
    """README and docs, without the plugins' pages."""
    return [page for page in pages if not page.name.startswith("plugins/")]


@pytest.fixture(scope="session")
def page():
    """Return a page by its path from the root of the project."""
    return lambda name: Page(ROOT / name)


@pytest.fixture(scope="session")
def make_page(tmp_path_factory):
    """Return a page with the given text."""

    def make(text: str) -> Page:
        path = tmp_path_factory.mktemp("page") / "page.md"
        path.write_text(text, "utf-8")
        return Page(path)

    return make
