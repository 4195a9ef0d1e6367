"""Every relative link of the documentation leads somewhere, headings included."""

import re
import unicodedata
from urllib.parse import unquote

LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^()\s>]+(?:\([^()\s]*\))?)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.M)
PLACES = re.compile("/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "tmp", "home"]) + r")/\w*")
OUTSIDE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.I)


def anchor(heading):
    """Return the anchor that Markdown viewers give a heading."""
    bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    kept = (letter for letter in bare if letter in " -_" or unicodedata.category(letter)[0] in "LNM")
    return "".join(kept).replace(" ", "-")


def anchors(page):
    """Return the anchors of a page; a heading that comes again gets a number."""
    found = []
    for heading in HEADING.findall(page.prose):
        base = anchor(heading)
        count = sum(
            each == base or re.fullmatch(re.escape(base) + r"-\d+", each) is not None for each in found
        )
        found.append(f"{base}-{count}" if base in found else base)
    return found


def broken(page, page_at):
    """Yield the relative links of a page that lead nowhere."""
    prose = re.sub(r"(`+)[^`].*?\1", "", page.prose)
    for target in LINK.findall(prose):
        if OUTSIDE.match(target):
            continue
        path, _, fragment = unquote(target).partition("#")
        file = (page.path.parent / path) if path else page.path
        if not file.exists() or (fragment and fragment not in anchors(page_at(file))):
            yield target


def test_links_lead_somewhere(pages):
    wrong = [f"{page.name}: {target}" for page in pages for target in broken(page, type(page))]
    assert wrong == []


def test_there_are_links_to_check(page):
    assert len(LINK.findall(page("README.md").prose)) > 10


def test_a_broken_link_is_noticed(make_page):
    page = make_page(
        "# One heading\n\n[a](other.md) [b](#one-heading) [c](#two) [d](https://example.com/x)\n"
    )
    assert list(broken(page, type(page))) == ["other.md", "#two"]


def test_anchors_are_those_of_markdown_viewers():
    assert anchor("Ledger cards (cari)") == "ledger-cards-cari"
    assert anchor("`fetch_orders`") == "fetch_orders"
    assert anchor("Stages: automatic or by hand") == "stages-automatic-or-by-hand"


def test_no_page_speaks_of_a_place_on_a_machine(pages):
    for page in pages:
        found = PLACES.findall(page.text)
        assert found == [], page.name
