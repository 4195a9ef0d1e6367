"""Every command line in the documentation names a command that exists, with options that exist."""

import re
import shlex

import pytest
import typer

from kopru.cli import app

COMMAND = re.compile(r"^(?:\./run|kopru)(?:\s|$)")
SCRIPT_WORDS = {"test", "help"}
"""Words of ``./run`` that are no commands of ``kopru``."""

FILLERS = {"…", "COMMAND", "..."}
"""Words that stand for any command in running text."""


class Wrong(Exception):
    """A command line that does not work."""


def split(line):
    """Return the words of one command line without prompt, comment, pipe and redirection."""
    lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if set(word) <= set("|&;<>"):
            break
        words.append(word)
    return words


def without_variables(words):
    """Return a command without assignments in front of it."""
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    return words


def check(words, *, complete):
    """Walk down the commands and parse the options.

    Args:
        words: the command line, from ``kopru`` or ``./run`` on.
        complete: whether everything required must be there.

    Raises:
        Wrong: there is no such command or option, or something is missing or too much.
    """
    program, *rest = words
    if program == "./run" and rest and rest[0] in SCRIPT_WORDS:
        return
    group = typer.main.get_command(app)
    context = group.context_class(group, info_name="kopru")
    while rest and hasattr(group, "commands") and not rest[0].startswith("-"):
        word, *rest = rest
        if word in FILLERS:
            return
        if word not in group.commands:
            raise Wrong(f"there is no command {word}")
        group = group.commands[word]
        context = group.context_class(group, info_name=word, parent=context)
    if hasattr(group, "commands") and complete and "--help" not in rest and "--version" not in rest:
        raise Wrong("a command is missing")
    parse(group, context, rest, complete=complete)


def parse(command, context, rest, *, complete):
    if "--help" in rest:
        return
    try:
        given, extra, _ = command.make_parser(context).parse_args(list(rest))
    except Exception as error:
        raise Wrong(str(error) or type(error).__name__) from error
    if extra:
        raise Wrong(f"too much: {extra}")
    missing = [each.name for each in command.params if each.required and given.get(each.name) in (None, ())]
    if complete and missing:
        raise Wrong(f"missing: {missing}")


def block_lines(page):
    for block in page.blocks("sh", "bash", "console", "shell"):
        for line in block.code.replace("\\\n", " ").splitlines():
            words = without_variables(split(line))
            if words and words[0] in ("kopru", "./run"):
                yield words


def inline_lines(page):
    for code in page.inline_code():
        if COMMAND.match(code):
            yield split(code)


def problems(page):
    for lines, complete in ((block_lines(page), True), (inline_lines(page), False)):
        for words in lines:
            try:
                check(words, complete=complete)
            except Wrong as error:
                yield f"{page.name}: {' '.join(words)}: {error}"


def test_commands_exist(pages):
    assert [problem for page in pages for problem in problems(page)] == []


def test_there_are_commands_to_check(page):
    assert len(list(block_lines(page("README.md")))) > 30
    assert len(list(block_lines(page("docs/operator-guide.md")))) > 30


def test_the_two_commands_of_a_newcomer_are_in_the_readme(page):
    lines = [" ".join(words) for words in block_lines(page("README.md"))]
    assert "./run demo" in lines
    assert "./run test" in lines


@pytest.mark.parametrize(
    "line",
    [
        "kopru nonsense",
        "kopru orders lsit --tenant acme",
        "kopru orders list --tenat acme",
        "kopru orders list",
        "kopru orders retry --tenant acme",
        "kopru tenant add acme twice",
        "kopru orders",
    ],
)
def test_a_wrong_line_is_noticed(line, make_page):
    assert list(problems(make_page(f"```sh\n{line}\n```\n")))


@pytest.mark.parametrize("line", ["kopru orders list --nope", "kopru nope", "./run orders nope"])
def test_a_wrong_mention_is_noticed(line, make_page):
    assert list(problems(make_page(f"See `{line}`.\n")))


@pytest.mark.parametrize(
    "line",
    [
        "KOPRU_HOME=/x kopru orders list -t acme --json | jq .",
        "kopru tenant export --tenant acme > acme.toml",
        "./run payload preview --plugin orderfile FILE.csv  # nothing is stored",
        "kopru connection add logo --tenant acme \\\n  --set url=http://x --set firm=1",
        "kopru --help",
    ],
)
def test_a_right_line_passes(line, make_page):
    assert list(problems(make_page(f"```sh\n{line}\n```\n"))) == []
