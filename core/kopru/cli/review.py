"""The mapping desk in a terminal: one line at a time, one key each, everything can be taken back."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Protocol

import typer

from kopru.cli.common import Session
from kopru.cli.desk import (
    accept_above,
    consequence,
    find_item,
    first_choice,
    line_cells,
    suggestion_cells,
    tell_outcome,
)
from kopru.cli.output import out, say, show
from kopru.cli.privacy import covered_text
from kopru.flows import linework, settling, undoing
from kopru.flows.linerows import LineRow, LineSource
from kopru.flows.records import ItemRow
from kopru.flows.rulemaking import USUAL, Choice, Reach, Scope
from kopru.flows.texts_lines import TEXTS
from kopru.hooks.errors import ConnectorError
from kopru.matching.api import Suggestion
from kopru.model import Text

SHOWN = 5
FOUND = 9

KEYS: Mapping[str, Text] = {
    "Enter, A": Text(tr="ilk öneriyi kabul et", en="accept the first suggestion"),
    "1…9": Text(tr="o öneriyi (aramadan sonra o ürünü) kabul et", en="accept that one"),
    "I": Text(tr="aynı metinli tüm satırlar için kabul et", en="accept for all identical lines"),
    "J, K": Text(tr="sonraki, önceki satır", en="next, previous line"),
    "Shift+J": Text(tr="sonraki cari", en="next partner"),
    "/": Text(tr="tüm ürünlerde ara", en="search all items"),
    "N": Text(tr="bu satırdan yeni ürün öner", en="propose a new item"),
    "S": Text(tr="hizmet ya da masraf", en="service or expense"),
    "U": Text(tr="birim çarpanı (koli = 12)", en="factor of the unit (koli = 12)"),
    "G": Text(
        tr="kapsam: once, text, code, pattern SÖZCÜKLER, all",
        en="reach: once, text, code, pattern WORDS, all",
    ),
    "X": Text(tr="öneriyi reddet", en="reject the suggestion"),
    "P": Text(tr="nedeniyle beklet", en="put off with a reason"),
    "W": Text(tr="neden", en="why"),
    "Z": Text(tr="son kararı geri al", en="undo the last decision"),
    "B": Text(tr="eşiğin üstündekilerin hepsini kabul et", en="accept all above a score"),
    "?": Text(tr="tuşlar", en="keys"),
    "Q": Text(tr="çık", en="quit"),
}


class Keys(Protocol):
    """Where keys come from."""

    def next(self) -> str | None:
        """Return the next key; ``None`` at the end."""
        ...

    def ask(self, question: str) -> str:
        """Return what belongs to the key just pressed."""
        ...


class Terminal:
    """Keys as they are pressed."""

    def next(self) -> str | None:
        """Return the next key; Ctrl-C and Ctrl-D end the review."""
        try:
            key = typer.getchar()
        except (KeyboardInterrupt, EOFError):
            return None
        return None if key in ("\x03", "\x04") else key

    def ask(self, question: str) -> str:
        """Ask for the rest."""
        answer: str = typer.prompt(question, default="", show_default=False)
        return answer.strip()


@dataclass
class Script:
    """Keys from lines of text: the key first, then what belongs to it."""

    lines: Iterator[str]
    _rest: str = ""

    def next(self) -> str | None:
        """Return the next line's key; an empty line is Enter."""
        line = next(self.lines, None)
        if line is None:
            return None
        line = line.strip()
        self._rest = line[1:].strip()
        return line[:1] or "\r"

    def ask(self, question: str) -> str:
        """Return the rest of the line."""
        return self._rest


@dataclass
class Desk:
    """The review: which line is on it, and what was set for the next decision."""

    at: Session
    keys: Keys
    partner: str | None
    queue: list[LineRow] = field(default_factory=list)
    place: int = 0
    found: list[ItemRow] = field(default_factory=list)
    factor: Decimal | None = None
    reach: Reach = USUAL

    @property
    def line(self) -> LineRow | None:
        """Return the line on the desk."""
        return self.queue[self.place] if self.place < len(self.queue) else None

    def load(self) -> None:
        """Read the queue anew and stay where we were, or as near as can be."""
        here = self.line.id if self.line else None
        self.queue = linework.waiting(self.at.work, self.partner)
        ids = [line.id for line in self.queue]
        self.place = ids.index(here) if here in ids else min(self.place, max(len(ids) - 1, 0))
        self.clear()

    def clear(self) -> None:
        """Forget what was set for a line."""
        self.found, self.factor, self.reach = [], None, USUAL

    def go(self, step: int) -> None:
        """Go to another line."""
        self.place = max(0, min(self.place + step, len(self.queue) - 1))
        self.clear()

    def choice(self, number: int | None = None) -> Choice | None:
        """Return what a key chooses: a found item, a suggestion, or nothing."""
        line = self.line
        if line is None:
            return None
        if self.found:
            place = (number or 1) - 1
            return self._with_factor(Choice(self.found[place])) if place < len(self.found) else None
        if number is None or number == 1:
            first = first_choice(self.at, line)
            return self._with_factor(first) if first else None
        if number > min(len(line.suggestions), SHOWN):
            return None
        suggestion = line.suggestions[number - 1]
        return self._with_factor(self._suggested(line, suggestion))

    def _suggested(self, line: LineRow, suggestion: Suggestion) -> Choice:
        item = find_item(self.at, suggestion.item_code)
        sold = line.source is LineSource.ORDER
        return Choice(item, factor=Decimal(1) if sold else suggestion.case_size or Decimal(1))

    def _with_factor(self, choice: Choice) -> Choice:
        return replace(choice, factor=self.factor) if self.factor is not None else choice


def run(at: Session, partner: str | None) -> None:
    """Go through the waiting lines until the queue is empty or the keys end."""
    keys: Keys = Terminal() if sys.stdin.isatty() else Script(iter(sys.stdin.readline, ""))
    desk = Desk(at, keys, partner)
    desk.load()
    show_line(desk)
    while (key := keys.next()) is not None and key not in ("q", "Q"):
        try:
            press(desk, key)
        except ConnectorError as error:
            say(covered_text(error.message), at.language, style="red")
        show_line(desk)
    say(Text(tr=f"{len(desk.queue)} satır bekliyor.", en=f"{len(desk.queue)} lines wait."), at.language)


def press(desk: Desk, key: str) -> None:
    """Do what a key stands for; in a dry run, what decides something only goes on."""
    if desk.at.work.dry_run and (key.isdigit() or key.lower() in DECIDING):
        say(TEXTS["lines.dry_run"], desk.at.language)
        desk.go(1)
    elif key.isdigit():
        accept(desk, desk.choice(int(key)))
    elif key in ("\r", "\n", "a", "A"):
        accept(desk, desk.choice())
    elif key == "J":
        next_group(desk)
    elif (deed := DEEDS.get(key.lower())) is not None:
        deed(desk)
    else:
        show_keys(desk)


def accept(desk: Desk, choice: Choice | None) -> None:
    """Confirm the line on the desk and go on."""
    if desk.line is None or choice is None:
        say(Text(tr="Kabul edilecek öneri yok.", en="There is no suggestion to accept."), desk.at.language)
        return
    tell_outcome(desk.at, settling.confirm(desk.at.work, [desk.line.id], choice, desk.reach))
    desk.load()


def accept_identical(desk: Desk) -> None:
    """Confirm every waiting line of the same text, of all partners."""
    choice = desk.choice()
    if desk.line is None or choice is None:
        accept(desk, None)
        return
    key = desk.line.text_key
    same = [line.id for line in desk.queue if line.text_key == key and (key or line.id == desk.line.id)]
    tell_outcome(desk.at, settling.confirm(desk.at.work, same, choice, desk.reach, kind="bulk"))
    desk.load()


def next_group(desk: Desk) -> None:
    """Go to the first line of the next partner."""
    if desk.line is None:
        return
    later = desk.queue[desk.place :]
    partner = desk.line.partner
    desk.go(next((n for n, line in enumerate(later) if line.partner != partner), 0))


def search(desk: Desk) -> None:
    """Look for an item by code, name or barcode; digits choose among what is found."""
    wanted = desk.keys.ask(Text(tr="Ara", en="Search").of(desk.at.language))
    with desk.at.work.read() as uow:
        desk.found = uow.items.recent(search=wanted, limit=FOUND) if wanted else []
    if wanted and not desk.found:
        say(Text(tr="Hiçbir şey bulunamadı.", en="Nothing was found."), desk.at.language)


def propose(desk: Desk) -> None:
    """Propose a new item from the line; it goes into the queue for approval."""
    if desk.line is not None:
        code = desk.keys.ask(Text(tr="Kod", en="Code").of(desk.at.language))
        linework.propose(desk.at.work, desk.line, code=code)
        settling.put_off(desk.at.work, desk.line.id, Text(tr="yeni ürün", en="new item").of(desk.at.language))
        desk.load()


def service(desk: Desk) -> None:
    """Say that the line is a service or an expense."""
    code = desk.keys.ask(Text(tr="Hizmet kodu", en="Service code").of(desk.at.language))
    accept(desk, Choice(service=code) if code else None)


def set_factor(desk: Desk) -> None:
    """Set how many of the item one unit of the line is."""
    given = desk.keys.ask(Text(tr="Çarpan", en="Factor").of(desk.at.language))
    try:
        factor = Decimal(given.replace(",", "."))
    except InvalidOperation:
        factor = Decimal(0)
    if factor.is_finite() and factor > 0:
        desk.factor = factor
    else:
        say(Text(tr="Sıfırdan büyük bir sayı yazın.", en="Write a number above zero."), desk.at.language)


def set_reach(desk: Desk) -> None:
    """Set how far the next decision reaches."""
    word, _, rest = desk.keys.ask(Text(tr="Kapsam", en="Reach").of(desk.at.language)).partition(" ")
    if word == "all":
        desk.reach = Reach(desk.reach.scope, everyone=True, pattern=desk.reach.pattern)
    elif word in set(Scope):
        desk.reach = Reach(Scope(word), desk.reach.everyone, rest.strip())
    else:
        show_keys(desk)


def reject(desk: Desk) -> None:
    """Reject the first suggestion; the line is looked at again and stays on the desk."""
    if desk.line is not None:
        settling.reject(desk.at.work, desk.line.id)
        desk.load()


def put_off(desk: Desk) -> None:
    """Park the line with a reason."""
    reason = desk.keys.ask(Text(tr="Neden", en="Reason").of(desk.at.language))
    if desk.line is not None and reason:
        settling.put_off(desk.at.work, desk.line.id, reason)
        desk.load()


def why(desk: Desk) -> None:
    """Show what speaks for and against each suggestion."""
    if desk.line is not None:
        show(suggestion_cells(desk.line, desk.at.language), as_json=False)


def undo(desk: Desk) -> None:
    """Take the last decision back; pressed again, the one before."""
    undone = undoing.undo(desk.at.work)
    text = Text(tr="Geri alındı: {lines} satır.", en="Taken back: {lines} lines.")
    say(text.fill(lines=undone.lines), desk.at.language)
    desk.load()
    back = {each["id"] for each in undone.step.data["lines"]}
    places = [place for place, line in enumerate(desk.queue) if str(line.id) in back]
    desk.place = places[0] if places else desk.place


def bulk(desk: Desk) -> None:
    """Accept everything above a score; without a number, above every past mistake."""
    given = desk.keys.ask(Text(tr="Eşik (boş: önerilen)", en="Score (empty: proposed)").of(desk.at.language))
    sure = given.endswith("!")
    given = given.rstrip("! ")
    try:
        above = float(given.replace(",", ".")) if given else None
    except ValueError:
        above = None
    accept_above(desk.at, desk.partner, above, yes=sure)
    desk.load()


def show_keys(desk: Desk) -> None:
    """Show every key."""
    for key, text in KEYS.items():
        out.print(f"  {key:<8} {text.of(desk.at.language)}", markup=False, highlight=False)


DECIDING = frozenset("\r\nainsxpzb")
"""Keys after which something is stored."""

DEEDS: Mapping[str, Callable[[Desk], None]] = {
    "i": accept_identical,
    "j": lambda desk: desk.go(1),
    "k": lambda desk: desk.go(-1),
    "/": search,
    "n": propose,
    "s": service,
    "u": set_factor,
    "g": set_reach,
    "x": reject,
    "p": put_off,
    "w": why,
    "z": undo,
    "b": bulk,
    "?": show_keys,
}


def show_line(desk: Desk) -> None:
    """Show the line on the desk, its candidates, and what accepting the first would do."""
    line = desk.line
    if line is None:
        say(Text(tr="Bekleyen satır yok.", en="No line waits."), desk.at.language)
        return
    cells = line_cells(line, desk.at.language)
    facts = [f"{name} {value}" for name, value in _facts(line).items() if value not in ("", None)]
    out.print(f"\n[{desk.place + 1}/{len(desk.queue)}] {cells['partner']} · {cells['state']}", markup=False)
    out.print(f"  {line.text[:300]}", markup=False, highlight=False, style="bold")
    out.print(f"  {' · '.join(facts)}", markup=False, highlight=False)
    if desk.found:
        rows = [
            {"n": place, "item": item.code, "name": item.name, "unit": item.unit}
            for place, item in enumerate(desk.found, 1)
        ]
    else:
        rows = [
            {name: row[name] for name in ("n", "item", "name", "score", "against")}
            for row in suggestion_cells(line, desk.at.language)
        ]
    if rows:
        show(rows, as_json=False)
    elif cells["reason"]:
        out.print(f"  {cells['reason']}", markup=False, highlight=False)
    show_consequence(desk, line)


def show_consequence(desk: Desk, line: LineRow) -> None:
    """Show what accepting the first candidate would do."""
    choice = desk.choice()
    if choice is not None:
        try:
            text = consequence(desk.at, line, choice, desk.reach)
        except ConnectorError as error:
            text = error.message
        out.print(f"  → {text.of(desk.at.language)}", markup=False, highlight=False)


def _facts(line: LineRow) -> dict[str, object]:
    quantity = None if line.quantity is None else f"{line.quantity.normalize():f} {line.unit}"
    price = None if line.price is None else f"{round(line.price, 2)} {line.currency}"
    vat = None if line.vat_rate is None else f"%{line.vat_rate.normalize():f}"
    return {"kod": line.seller_code, "barkod": line.barcode, "×": quantity, "": price, "KDV": vat}
