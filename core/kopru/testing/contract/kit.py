"""What standard tests work with: the plugin, its simulator or folder, and the levers of both."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from kopru.hooks.manifest import Quota
from kopru.hooks.ports import Plugin
from kopru.testing.contract.failure import Failure, LeftOut
from kopru.testing.contract.session import Session, standard_world
from kopru.testing.contract.subject import Subject
from kopru.testing.simulator import Simulator
from kopru.testing.world import World, WorldOrder


class Kit:
    """Base of a plugin's contract test. Everything an author may set or override stands here."""

    plugin: ClassVar[Any] = None
    """The plugin object under test."""
    simulator: ClassVar[type[Simulator] | None] = None
    """The simulator to connect it to. Plugins without one get the tests that need none."""
    exempt: ClassVar[Mapping[str, str]] = {}
    """Standard tests that fail for a reason a user would accept, with that reason."""
    config: ClassVar[Mapping[str, Any]] = {}
    """Settings of a plugin that connects to nothing."""
    old_configs: ClassVar[Mapping[int, Mapping[str, Any]]] = {}
    """For each earlier ``config_version``, settings as they were stored then."""
    series: ClassVar[str] = "KIT"
    """Series of the invoice numbers used."""

    def make_connection(self, folder: Path) -> dict[str, Any]:
        """Return the settings of a connection to a folder; for plugins that work with files."""
        raise LeftOut("The test class does not define make_connection(folder).")

    def write_orders(self, folder: Path, orders: Sequence[WorldOrder]) -> None:
        """Put orders into a folder as the seller would; what lies there already stays."""
        raise LeftOut("The test class does not define write_orders(folder, orders).")

    def add_order(self, simulator: Simulator, order: WorldOrder) -> None:
        """Let an order be placed at the simulator."""
        lever = getattr(simulator, "add_order", None)
        if lever is None:
            simulator.load(World(standard_world().seller, (), (order.buyer,), (order,)))
        else:
            lever(order)

    def change_order(self, simulator: Simulator, order: WorldOrder) -> None:
        """Let something about an order change, so that the source lists it as changed now."""
        _lever(simulator, "change_order")(order.id)

    def add_return(self, simulator: Simulator, order: WorldOrder) -> None:
        """Let the buyer of an order send one piece of its first line back."""
        _lever(simulator, "add_return")(order)

    def receive(self, simulator: Simulator) -> None:
        """Let an invoice arrive in the inbox."""
        _lever(simulator, "receive")()

    def subscribe(self, simulator: Simulator, url: str) -> None:
        """Have changes at the simulator told to an address."""
        _lever(simulator, "subscribe")(url)

    @classmethod
    def subject(cls) -> Subject:
        """Return what is known about the plugin."""
        overridden = cls.make_connection is not Kit.make_connection
        return Subject(cls.plugin, cls.simulator, overridden and cls.plugin.manifest.folder is not None)

    @contextmanager
    def connected(
        self, world: World | None = None, *, quotas: Iterable[Quota] = (), empty: bool = False
    ) -> Iterator[Session]:
        """Connect the plugin to a remote of its own, filled with a world."""
        world = world or standard_world()
        if self.simulator is None:
            with tempfile.TemporaryDirectory() as name:
                folder = _Folder(self, Path(name))
                yield _filled(self.plugin, folder, world, empty=empty)
            return
        with self.simulator(quotas=quotas) as simulator:
            remote = _Simulated(self, simulator)
            yield _filled(self.plugin, remote, world, simulator, empty=empty)
            if simulator.bugs:
                raise Failure(f"The simulator failed:\n{simulator.bugs[0]}")


class _Simulated:
    """A simulator as a remote."""

    def __init__(self, kit: Kit, simulator: Simulator) -> None:
        self._kit = kit
        self._simulator = simulator
        self.config: Callable[[], dict[str, Any]] = simulator.config
        self.load: Callable[[World], None] = simulator.load

    def add_order(self, order: WorldOrder) -> None:
        self._kit.add_order(self._simulator, order)

    def change_order(self, order: WorldOrder) -> None:
        self._kit.change_order(self._simulator, order)


class _Folder:
    """A folder as a remote."""

    def __init__(self, kit: Kit, folder: Path) -> None:
        self._kit = kit
        self._folder = folder

    def config(self) -> dict[str, Any]:
        return self._kit.make_connection(self._folder)

    def load(self, world: World) -> None:
        if world.orders:
            self._kit.write_orders(self._folder, world.orders)

    def add_order(self, order: WorldOrder) -> None:
        self._kit.write_orders(self._folder, (order,))

    def change_order(self, order: WorldOrder) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        self._kit.write_orders(self._folder, (replace(order, modified_at=now),))


def _filled(
    plugin: Plugin,
    remote: _Simulated | _Folder,
    world: World,
    simulator: Simulator | None = None,
    *,
    empty: bool,
) -> Session:
    if not empty:
        remote.load(world)
    return Session(plugin, remote, world, simulator)


def _lever(simulator: Simulator, name: str) -> Callable[..., object]:
    lever: Callable[..., object] | None = getattr(simulator, name, None)
    if lever is None:
        raise LeftOut(f"The simulator has no {name}(…); the test class may define {name}(simulator, …).")
    return lever
