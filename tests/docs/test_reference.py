"""The generated pages of the documentation say what the code says."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def reference():
    spec = importlib.util.spec_from_file_location("docs_reference", DOCS / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_page_has_drifted(reference):
    assert list(reference.drift()) == []


def test_a_drifted_page_is_noticed(reference, tmp_path, monkeypatch):
    for name, text in reference.pages().items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "hooks.md").write_text("something else", "utf-8")
    monkeypatch.setattr(reference, "HERE", tmp_path)
    assert list(reference.drift()) == ["hooks.md"]


def test_every_hook_docstring_has_its_fixed_parts(reference):
    for hook in reference.hooks().split("\n## ")[1:]:
        assert "**Called by:**" in hook, hook.splitlines()[0]
        assert "**Since:**" in hook, hook.splitlines()[0]


def test_every_decision_has_the_condition_that_would_reopen_it():
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    assert decisions
    for page in decisions:
        assert "## What would reopen this" in page.read_text("utf-8"), page.name
