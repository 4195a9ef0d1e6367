"""A Trendyol on a loopback port: what its documentation says it does, quirks and refusals included.

Knobs that tests and demonstrations turn are plain attributes; methods without ``_`` change its world at run
time, as buyers, carriers and the seller's panel would.
"""

from typing import ClassVar

from kopru_trendyol.simulation.order_routes import OrderRoutes
from kopru_trendyol.simulation.product_routes import ProductRoutes


class TrendyolSimulator(OrderRoutes, ProductRoutes):
    """Trendyol's seller API for one seller."""

    name: ClassVar[str] = "trendyol"


simulator = TrendyolSimulator
