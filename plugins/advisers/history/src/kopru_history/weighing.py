"""What a partner's past says for and against an item of a line. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from kopru.model import Text
from kopru.sdk import AskedLine, LineAdvice
from kopru_history.config import HistoryConfig
from kopru_history.past import Past, is_price, known_items
from kopru_history.texts import TEXTS

CODE = 0.8
TEXT = 0.6
CLOSE = 0.25
FAR = -0.7
"""Weights at most. A fitting price is shared by many goods, a price far off rarely means the same one."""

_LARGEST_PACK = 1_000
_SHOWN = Decimal(1_000)

Evidence = tuple[float, Text]


def advice_on(line: AskedLine, past: Past, config: HistoryConfig) -> Iterator[LineAdvice]:
    """Yield what speaks for or against the candidates of a line and the items its like was posted to."""
    by_code, by_text = past.by_code(line), past.by_text(line)
    candidates = [each.item_id for each in line.candidates]
    for item_id in dict.fromkeys((*candidates, *known_items(by_code, by_text))):
        found = []
        if trust := by_code.trust(item_id):
            found.append((CODE * trust, TEXTS.text("history.code", count=by_code.times[item_id])))
        elif trust := by_text.trust(item_id):
            found.append((TEXT * trust, TEXTS.text("history.text", count=by_text.times[item_id])))
        price = _price(line, past.usual_price(line, item_id, config.least), config)
        if price is not None:
            found.append(price)
        if found:
            weight = max(-1.0, min(1.0, sum(each for each, _ in found)))
            yield LineAdvice(line.id, item_id, round(weight, 4), _sentence(text for _, text in found))


def _price(line: AskedLine, usual: Decimal | None, config: HistoryConfig) -> Evidence | None:
    """Return what the price says: close to the usual one, far from it, or nothing in between."""
    if usual is None or not is_price(line.price):
        return None
    ratio = line.price / usual
    percent = (ratio - 1) * 100
    if abs(percent) <= config.tolerance:
        return CLOSE, TEXTS.text("history.price.close", percent=f"{percent:+.1f}".replace("+0.0", "±0"))
    if ratio >= config.far:
        return FAR, _multiple(ratio, "pack", config)
    if 1 / ratio >= config.far:
        return FAR, _multiple(1 / ratio, "piece", config)
    return None


def _multiple(ratio: Decimal, kind: str, config: HistoryConfig) -> Text:
    """Return the sentence for a price that is several times another one; a whole number hints at a case."""
    if ratio <= _LARGEST_PACK:
        whole = ratio.to_integral_value()
        if abs(ratio - whole) * 100 <= config.tolerance * ratio / 4:
            return TEXTS.text(f"history.price.{kind}", count=int(whole))
    shown = ratio if kind == "pack" else 1 / ratio
    return TEXTS.text("history.price.far", ratio=_shown(shown))


def _shown(ratio: Decimal) -> str:
    if ratio > _SHOWN:
        return f">{_SHOWN}"
    return f"{ratio:.2g}" if ratio >= Decimal("0.001") else "<0.001"


def _sentence(parts: Iterator[Text]) -> Text:
    found = list(parts)
    turkish, english = ", ".join(each.tr for each in found), ", ".join(each.en for each in found)
    return Text(tr=f"{turkish[:1].upper()}{turkish[1:]}.", en=f"{english[:1].upper()}{english[1:]}.")
