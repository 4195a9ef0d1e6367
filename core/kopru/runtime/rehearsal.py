"""A whole trading world on this machine: simulators of every remote, and a tenant set up to work with them.

Used by ``kopru demo``, the end-to-end tests and the benchmarks.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib.metadata import entry_points
from typing import Any
from uuid import UUID

from kopru.flows import catalogue, orders, tenants
from kopru.flows.connections import add_connection, check_connection
from kopru.flows.env import Lease, Work
from kopru.hooks.errors import ConfigError
from kopru.model import Text
from kopru.runtime.compose import Engine
from kopru.testing.simulator import Simulator
from kopru.testing.world import World, WorldBuyer

GROUP = "kopru.simulators"
FORMAT = "ubltr"
REMOTES = ("trendyol", "nilvera", "logo")


@contextmanager
def simulators(
    world: World, names: Sequence[str] = REMOTES, **options: Any
) -> Iterator[dict[str, Simulator]]:
    """Run the simulators of some connectors, filled with the world.

    Raises:
        ConfigError: a connector of that name ships no simulator, or is not installed.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    with ExitStack() as stack:
        running: dict[str, Simulator] = {}
        for name in names:
            if name not in found:
                raise ConfigError(
                    "demo.no_simulator",
                    Text(
                        tr="“{name}” eklentisinin benzeticisi kurulu değil.",
                        en="No simulator is installed for “{name}”.",
                    ).fill(name=name),
                )
            running[name] = stack.enter_context(found[name].load()(**options))
            running[name].load(world)
        yield running


def set_up(
    engine: Engine, slug: str, world: World, configs: Mapping[str, Mapping[str, Any]], since: datetime
) -> UUID:
    """Make a tenant that trades in the world: settings, plugins, checked connections and items.

    Raises:
        ConfigError: a connection does not pass its check.
    """
    tenant_id = engine.store.add_tenant(slug)
    work = Work(engine.env, tenant_id, {}, Lease(None), actor="demo")
    with work.write() as uow:
        for plugin in (*configs, FORMAT):
            engine.store.allow(plugin)
            uow.settings.enable(plugin)
    tenants.apply_settings(work, tenant_file(world.seller))
    for name, config in configs.items():
        row = add_connection(work, name, name, config, since=since)
        result = check_connection(work, row.id)
        if not result.ok:
            failed = next(item for item in result.items if not item.ok)
            raise ConfigError("demo.check_failed", failed.message, detail=failed.name)
        if catalogue.is_ledger(work, row.id):
            catalogue.pull_items(work, row.id)
        elif "trendyol" in name:
            orders.pull_products(work, row.id)
    return tenant_id


def tenant_file(seller: WorldBuyer) -> str:
    """Return the tenant file of the world's seller."""
    return f'''version = 1
language = "tr"

[issuer]
name = "{seller.name}"
tax_number = "{seller.tax_number}"
tax_office = "{seller.tax_office}"
email = "{seller.email}"
website = "https://www.satici.example.com"
einvoice = true
sender_alias = "{seller.aliases[0]}"
receiver_alias = "{seller.aliases[0].replace("defaultgb", "defaultpk")}"
profile = "basic"

[issuer.address]
street = "{seller.street}"
district = "{seller.district}"
city = "{seller.city}"
postal_code = "{seller.postal_code}"

[[series]]
key = "efatura"
prefix = "KPF"
kinds = ["sale"]
profiles = ["basic", "commercial"]

[[series]]
key = "earsiv"
prefix = "KPA"
kinds = ["sale"]
profiles = ["archive"]

[[series]]
key = "iade"
prefix = "KPI"
kinds = ["return"]

[[rules]]
name = "unpaid"
[rules.when]
status = ["awaiting_payment"]
[rules.hold]
reason = "Ödeme bekleniyor"

[[rules]]
name = "e-fatura"
[rules.when]
registered = true
[rules.document]
profile = "einvoice"

[[rules]]
name = "e-arsiv"
[rules.document]
profile = "archive"

[partners]
consumers = "retail"

[services.shipping]
code = "KARGO"
vat_rate = 20

[invoice]
link = "https://www.satici.example.com/fatura/{{ettn}}"

[channels.trendyol]
website = "https://www.trendyol.com"
payment_agent = "Örnek Pazaryeri Anonim Şirketi"

[[carriers]]
names = ["Trendyol Express"]
legal_name = "Örnek Kargo Anonim Şirketi"
tax_number = "{seller.tax_number}"
'''
