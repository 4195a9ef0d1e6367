"""No secret and no person is left in logs, screens and notes, after everything that can go wrong has."""

import re
import zlib

import pytest

from kopru.storage.tables import metadata

NOTES = (
    "exchange",
    "event",
    "event_seal",
    "schedule",
    "stream",
    "webhook",
    "worker",
    "rate_window",
    "secret",
)
"""Tables that tell of the work, not of the business: nobody's data belongs there."""


TEMPLATE = "{0.__class__} {x!r} %(y)s {}"
CARD = b"120."
"""What stands before a VKN in the code of a partner's card: a business key, made by the company's template."""


def longest_word(secret):
    """The most telling part of a secret: what a half-redacted one would still show."""
    return max(re.findall(r"[A-Za-z0-9]+", secret), key=len)


def rows(db, tables):
    """The rows of some tables as text, with what is packed in them."""
    out = bytearray()
    with db.cursor() as cursor:
        for table in tables:
            with cursor.copy(f'copy "{table}" to stdout') as lines:
                for part in lines:
                    out += part
        for table in {"payload", "archive"} & set(tables):
            for (body,) in cursor.execute(f"select body from {table}").fetchall():
                out += unpacked(body)
    return bytes(out)


def unpacked(body):
    try:
        return zlib.decompress(body)
    except zlib.error:
        return body


def files(folder, *, but=()):
    return b"\n".join(
        path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and not any(part in but for part in path.parts)
    )


@pytest.fixture(scope="session")
def left(story):
    """What is left of the story, by the place to look in."""
    with story.at.database() as db:
        everything, notes = rows(db, metadata.tables), rows(db, NOTES)
    home = story.at.folder / "home"
    return {
        "log": story.at.log.read_bytes(),
        "screens": "\n".join(story.at.said.values()).encode(),
        "database": everything,
        "notes": notes,
        "files": files(home),
        "servers' logs and queue": files(home, but={"postgres", "pg", "data", "base", "pg_wal"}),
    }


def test_everything_went_wrong_and_came_right(story, left):
    """What the other tests look for was really on its way, and would be seen."""
    assert story.states()["F-2"] == "parked"
    assert {row["state"] for row in story.at.json("documents", "list")} & {"issued", "numbered"}
    for name, echo in story.echoes.items():
        assert {status for status, _ in echo.refused} == {400, 401, 500}, name
        assert {form for _, form in echo.refused} == {"json", "text", "html"}, name
        assert story.remotes[name].bugs == []
    assert len(story.secrets) > 6, "no session was opened"
    for value in ("Sakakuşu", "98765432", "saka.kusu@kafes.example"):
        assert value.encode() in left["database"]
    assert b"outcome_unknown" in left["log"]
    assert b"[secret]" in left["notes"]
    assert "Sa****şu".encode() in left["notes"]


@pytest.mark.parametrize("place", ["log", "screens", "database", "notes", "files"])
def test_no_secret_is_left(story, left, traces, place):
    found = {
        name: hits
        for name, secret in story.secrets.items()
        if (hits := traces(longest_word(secret), left[place]))
    }
    assert found == {}


def test_the_words_of_remotes_are_never_taken_for_templates(left):
    assert TEMPLATE.encode() in left["database"]
    assert b"engine.unexpected" not in left["database"] + left["log"]


@pytest.mark.parametrize("place", ["log", "screens", "notes"])
def test_no_person_is_left(person, left, traces, place):
    text = left[place].replace(CARD + person["VKN"].encode(), b"[card]")
    found = {name: hits for name, value in person.items() if (hits := traces(value, text))}
    assert found == {}
