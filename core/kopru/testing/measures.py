"""The invariants that compare measurements: quotas, fairness and resources (see ``checkers``)."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kopru.testing.evidence import Asked, Sample, Violation


def limits(asked: Iterable[Asked], calls: int, period: float, *, refused: float = 0.001) -> list[Violation]:
    """I9: no window of ``period`` seconds holds more than ``calls``; at most a share of 429s was received.

    Give it the requests that share one quota.
    """
    requests = list(asked)
    allowed = [each.at for each in requests if each.status != 429]
    late = [at for earlier, at in zip(allowed, allowed[calls:], strict=False) if at - earlier < period]
    found = []
    if late:
        found.append(Violation("I9", f"{len(late)} requests above {calls} in {period:g} s", (str(late[0]),)))
    share = (len(requests) - len(allowed)) / len(requests) if requests else 0.0
    if share > refused:
        found.append(Violation("I9", f"{share:.2%} of the calls were refused with 429"))
    return found


def fairness(
    alone: Mapping[str, Sequence[float]], beside: Mapping[str, Sequence[float]], *, factor: float = 2.0
) -> list[Violation]:
    """I10: a company's 99th percentile beside a noisy one is at most ``factor`` times what it is alone."""
    found = []
    for tenant, times in alone.items():
        usual, now = percentile(times), percentile(beside[tenant])
        if now > factor * usual:
            found.append(Violation("I10", f"p99 is {now:.3f} s instead of {usual:.3f} s", (tenant,)))
    return found


def percentile(values: Sequence[float], share: float = 0.99) -> float:
    """Return the smallest value that a share of the values (above 0, at most 1) does not exceed.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1]


def resources(samples: Iterable[Sample], per_hour: Mapping[str, float]) -> list[Violation]:
    """I14: the slope of each measured thing (least squares) is at most what ``per_hour`` allows."""
    found = []
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for each in samples:
        groups[each.name].append((each.seconds, each.value))
    for name, points in groups.items():
        slope = _slope(points) * 3600
        if slope > per_hour.get(name, 0.0):
            found.append(Violation("I14", f"grows by {slope:g} per hour", (name,)))
    return found


def _slope(points: Sequence[tuple[float, float]]) -> float:
    middle = sum(x for x, _ in points) / len(points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    return sum((x - middle) * y for x, y in points) / spread if spread else 0.0
