"""The made-up shop itself. Its interface and its orders were made up for this test."""

from kopru.sdk import Operation
from kopru.testing.simulator import Held, Simulator, reply, route


class TezgahSimulator(Simulator):
    """One shop with one key."""

    name = "tezgah"
    key = "made-up-key-1"

    def __init__(self, **options):
        super().__init__(**options)
        self.orders = {}

    def config(self):
        return {"url": self.url, "api_key": self.key, "local": True}

    def load(self, world):
        with self.lock:
            self.orders |= {str(order.id): _order(order) for order in world.orders}

    def held(self, operation):
        if operation is not Operation.UPDATE_ORDER_STATUS:
            return []
        told = [(id, order["invoice"]) for id, order in self.orders.items() if order["invoice"]]
        return [Held(reference=each["reference"], id=id, number=each["number"]) for id, each in told]

    def guard(self, request):
        return None if request.headers.get("x-api-key") == self.key else reply({"error": "key"}, 401)

    @route("GET", "/orders")
    def listed(self, request):
        return reply({"orders": list(self.orders.values())})

    @route("GET", "/orders/(?P<id>[^/]+)")
    def one(self, request, id):
        return reply(self.orders[id]) if id in self.orders else self.not_found()

    @route("POST", "/orders/(?P<id>[^/]+)/invoice")
    def invoiced(self, request, id):
        with self.lock:
            if self.orders[id]["invoice"]:
                return reply({"error": "exists"}, 409)
            self.orders[id]["invoice"] = request.json()
            self.truth.note("invoice", order=id, **request.json())
        return reply({}, 201)


def _order(order):
    buyer = order.buyer
    return {
        "id": str(order.id),
        "number": order.number,
        "at": order.modified_at.isoformat(),
        "buyer": {
            name: getattr(buyer, name)
            for name in ("name", "tax_number", "tax_office", "email", "street", "district", "city")
        },
        "lines": [
            {
                "sku": line.item.code,
                "barcode": line.item.barcode,
                "name": line.item.name,
                "quantity": line.quantity,
                "amount": str(line.amount),
                "vat_rate": str(line.item.vat_rate),
            }
            for line in order.lines
        ],
        "total": str(sum(line.amount for line in order.lines)),
        "invoice": None,
    }


simulator = TezgahSimulator
