"""Advisers: the same advice for the same lines, about nothing but these lines, whatever stands in them."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kopru.hooks.advice import AskedLine, Candidate, LineAdvice, LineBatch, PastLine
from kopru.hooks.errors import ConnectorError
from kopru.model import Text
from kopru.testing.context import seconds_left, test_ctx
from kopru.testing.contract.base import Suite
from kopru.testing.contract.failure import Failure, expect, expect_same
from kopru.testing.contract.session import PATIENCE, called
from kopru.testing.contract.subject import Subject

_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ITEMS = tuple((f"item-{n}", f"STK-{n}", f"Çizgili Defter A{n} 100 yaprak") for n in range(8))
_HOSTILE = (
    "",
    " ",
    "\x00\x07",
    "\u202eDEFTER\u202c",
    "📓" * 50,
    "ÞEKER Ã§ay",
    "çizgilidefter" * 800,
    "{} %s <b>&amp;",
    "'; drop table item; --",
)
_PRICES = (None, Decimal(0), Decimal("0.00000001"), Decimal("-1"), Decimal("1E+30"))
_SECONDS = 5.0
"""Far more than any adviser needs for a batch; the engine waits two seconds."""


class AdviceSuite(Suite):
    """Tests of ``map_line``."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether the plugin is an adviser."""
        return subject.has("map_line")

    def test_advice_keeps_to_the_batch(self) -> None:
        """Fails when advice names another line or item than asked, twice the same one, or a weight beyond 1.

        Items are candidates of the line or stand in ``past``. The engine uses nothing of such an answer.
        """
        batch = _batch()
        items = {each.item_id for each in batch.past}
        allowed = {line.id: items | {each.item_id for each in line.candidates} for line in batch.lines}
        advice = _advice(self, batch)
        for each in advice:
            expect(each.line_id in allowed, f"There is no line {each.line_id!r}.")
            expect(each.item_id in allowed[each.line_id], f"Nobody spoke of the item {each.item_id!r}.")
            expect(math.isfinite(each.weight) and abs(each.weight) <= 1, f"A weight of {each.weight}.")
        pairs = [(each.line_id, each.item_id) for each in advice]
        expect_same(len(set(pairs)), len(pairs), "Distinct pairs of line and item")

    def test_advice_is_explained(self) -> None:
        """Fails when advice gives no reason in Turkish and English."""
        for each in _advice(self, _batch()):
            for language in ("tr", "en"):
                expect(each.reason.of(language).strip(), f"No reason for {each.item_id} ({language}).")

    def test_advice_is_the_same_twice(self) -> None:
        """Fails when a batch gets other advice the second time, or after another partner's batch.

        Look for state kept between calls, for the clock and for chance.
        """
        batch = _batch()
        first = _advice(self, batch)
        _advice(self, _other(batch))
        expect_same(_by_line(_advice(self, batch)), _by_line(first), "The second time")

    def test_advice_does_not_depend_on_neighbours(self) -> None:
        """Fails when a line asked alone, or in another order, gets other advice than among others."""
        batch = _batch()
        together = _by_line(_advice(self, batch))
        backwards = replace(batch, lines=batch.lines[::-1])
        expect_same(_by_line(_advice(self, backwards)), together, "In another order")
        for line in batch.lines[:5]:
            alone = _by_line(_advice(self, replace(batch, lines=(line,))))
            expect_same(alone.get(line.id, []), together.get(line.id, []), f"Asked alone, {line.id}")

    def test_nothing_known_gives_no_advice(self) -> None:
        """Fails when there is advice although the batch is empty, or names neither candidates nor a past."""
        bare = tuple(replace(line, candidates=()) for line in _batch().lines)
        for batch in (LineBatch("kit", ()), LineBatch("kit", bare)):
            expect_same(_advice(self, batch), (), "Advice out of nothing")

    def test_hostile_lines_are_survived(self) -> None:
        """Fails when an odd text or price in a line or in the past makes the hook fail.

        Suppliers send anything: empty names, ten thousand letters, marks of direction, prices of zero.
        """
        batch = _batch()
        odd = tuple(
            replace(batch.lines[0], id=f"odd-{n}", text=text, seller_code=text, unit=text, price=price)
            for n, (text, price) in enumerate((t, p) for t in _HOSTILE for p in _PRICES)
        )
        past = tuple(
            replace(batch.past[0], text=text, seller_code=text, item_name=text, price=price)
            for text in _HOSTILE
            for price in _PRICES
        )
        try:
            _advice(self, LineBatch("kit", odd, past))
            _advice(self, LineBatch("kit", odd, batch.past))
        except ConnectorError as error:
            raise Failure(f"map_line raised {error} for odd lines; it should have no opinion.") from error

    def test_advice_comes_in_time(self) -> None:
        """Fails when a full batch takes seconds: the engine does not wait, and benches slow advisers."""
        batch = _batch(lines=200, past=2_000)
        started = time.monotonic()
        _advice(self, batch)
        seconds = time.monotonic() - started
        expect(seconds < _SECONDS, f"200 lines and 2 000 past ones took {seconds:.1f} s.")


def _advice(kit: Suite, batch: LineBatch) -> tuple[LineAdvice, ...]:
    """Ask the plugin as the engine does."""
    if kit.subject().connects:
        with kit.connected(empty=True) as session:
            return _checked(session.call("map_line", batch))
    ctx = test_ctx(kit.plugin, kit.config, remaining=seconds_left(PATIENCE), dry_run=True)
    return _checked(called(kit.plugin, "map_line", ctx, batch))


def _checked(answer: Sequence[object]) -> tuple[LineAdvice, ...]:
    found = tuple(each for each in answer if isinstance(each, LineAdvice) and isinstance(each.reason, Text))
    expect_same(len(found), len(answer), "Pieces of advice")
    return found


def _by_line(advice: Sequence[LineAdvice]) -> dict[str, list[tuple[str, float, str]]]:
    found: dict[str, list[tuple[str, float, str]]] = {}
    for each in advice:
        found.setdefault(each.line_id, []).append((each.item_id, each.weight, each.reason.en))
    return {line: sorted(each) for line, each in found.items()}


def _batch(lines: int = 12, past: int = 60) -> LineBatch:
    """Return lines that the past has something to say about: same codes, same names, fitting prices."""
    return LineBatch("kit", tuple(map(_line, range(lines))), tuple(map(_past, range(past))))


def _line(n: int) -> AskedLine:
    _, code, name = _ITEMS[n % len(_ITEMS)]
    near = (_ITEMS[n % len(_ITEMS)], _ITEMS[(n + 1) % len(_ITEMS)])
    return AskedLine(
        id=f"line-{n}",
        text=name.upper() if n % 2 else f"Defter {n}",
        seller_code=f"S-{code}" if n % 3 else "",
        barcode="8690000000012" if n % 4 == 0 else "",
        unit="C62",
        quantity=Decimal(n + 1),
        price=Decimal(10 + n % len(_ITEMS)) * (12 if n % 5 == 0 else 1),
        candidates=tuple(
            Candidate(*item, score=0.6 - place / 4, closed=n % 7 == 0) for place, item in enumerate(near)
        ),
    )


def _past(n: int) -> PastLine:
    item_id, code, name = _ITEMS[n % len(_ITEMS)]
    return PastLine(
        text=name,
        item_id=item_id,
        item_code=code,
        item_name=name,
        at=_AT - timedelta(days=n),
        seller_code=f"S-{code}",
        unit="C62",
        price=Decimal(10 + n % len(_ITEMS)),
        confirmed=n % 2 == 0,
    )


def _other(batch: LineBatch) -> LineBatch:
    """Return the batch of another partner whose codes mean other items."""
    turned = tuple(
        replace(each, item_id=_ITEMS[n % 3][0], price=Decimal(999)) for n, each in enumerate(batch.past)
    )
    return LineBatch("another", batch.lines, turned)
