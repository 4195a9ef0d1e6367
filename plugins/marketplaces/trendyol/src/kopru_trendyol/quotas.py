"""Trendyol's call limits as last announced (8 June and 14 September 2026).

Every endpoint takes 50 calls in 10 seconds. On top come limits per service that grow with the number of the
seller's listings. Where only a range was announced, the lower end is taken for every tier but the last.
"""

from datetime import timedelta
from enum import IntEnum

from kopru.sdk import Quota

MINUTE = timedelta(minutes=1)
BURST_CALLS = 50
BURST_PERIOD = timedelta(seconds=10)


class Tier(IntEnum):
    """The seller's number of listings, up to 50, 75, 150 and 500 thousand, and above."""

    UP_TO_50K = 0
    UP_TO_75K = 1
    UP_TO_150K = 2
    UP_TO_500K = 3
    UNLIMITED = 4


_LARGEST = (50_000, 75_000, 150_000, 500_000)


def tier_of(listings: int) -> Tier:
    """Return the tier of a seller with that many listings."""
    return Tier(sum(listings > largest for largest in _LARGEST))


_Limits = tuple[int | None, int | None, int | None, int | None, int | None]

_SERVICES: tuple[tuple[str, str, str, _Limits], ...] = (
    ("order-list", "GET", r"/order/sellers/\d+/(v2/)?orders$", (30, 40, 50, 100, 100)),
    # Not a limit but the pace Trendyol asks for: five seconds between calls.
    ("order-stream", "GET", r"/orders/stream$", (12, 12, 12, 12, 12)),
    ("package-status", "PUT", r"/shipment-packages/\d+$", (300, 300, 500, None, None)),
    (
        "package-tracking",
        "PUT",
        r"/(update-tracking-number|tracking-details|alternative-delivery)$",
        (300, 300, 500, None, None),
    ),
    ("package-cancel", "PUT", r"/items/unsupplied$", (100, 100, 200, None, None)),
    ("label", "*", r"/common-label/[^/]+$", (100, 100, 100, 100, 100)),
    ("invoice-link", "POST", r"/seller-invoice-links$", (None, None, None, None, None)),
    ("claims", "GET", r"/claims$", (1000, 1000, 1000, 1000, 1000)),
    ("product-read", "GET", r"/product/sellers/\d+/products/", (1000, 1000, 1000, 1000, 2000)),
    ("stock-and-price", "POST", r"/products/price-and-inventory$", (350, 350, 350, 350, 2000)),
)


def quotas_for(tier: Tier) -> tuple[Quota, ...]:
    """Return the limits of a seller with that many listings."""
    found = []
    for name, method, path, limits in _SERVICES:
        found.append(Quota(f"{name}-burst", BURST_CALLS, BURST_PERIOD, method, path))
        calls = limits[tier]
        if calls is not None:
            found.append(Quota(name, calls, MINUTE, method, path))
    return tuple(found)
