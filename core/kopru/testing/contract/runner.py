"""Runs the standard tests without pytest, as ``kopru plugin check`` does."""

import inspect
import time
from collections.abc import Callable, Collection
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from kopru.testing.contract.base import INTEGRITY, ConnectorContract
from kopru.testing.contract.failure import Exempt, Failure, LeftOut
from kopru.testing.contract.report import Check, Report, Verdict
from kopru.testing.simulator import Simulator

PLUGINS = "kopru.plugins"
SIMULATORS = "kopru.simulators"

Progress = Callable[[Check], object]


def run_contract(
    name: str,
    *,
    tests: Path | None = None,
    only: Collection[str] = (),
    progress: Progress = lambda check: None,
) -> Report:
    """Run the standard tests of an installed plugin, against its simulator if it ships one.

    Args:
        name: the plugin's name, as its entry point in ``kopru.plugins`` is called.
        tests: the plugin's folder of tests. A contract class in its ``test_contract.py`` is run with the
            author's exemptions and levers.
        only: names of tests to run; empty means all.
        progress: called with each check as soon as it is done.

    Raises:
        LookupError: no plugin of that name is installed.
    """
    point = _point(PLUGINS, name)
    if point is None:
        raise LookupError(name)
    simulator = _point(SIMULATORS, name)
    try:
        plugin, remote = point.load(), simulator.load() if simulator else None
        contract = _authors(tests, plugin) or contract_of(plugin, remote)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's package does on import
        check = Check("test_import", Verdict.FAILED, f"It cannot be imported: {error!r}")
        progress(check)
        return Report(name, (check,))
    return run_class(contract, only=only, progress=progress)


def contract_of(
    plugin: Any, simulator: type[Simulator] | None = None, **options: Any
) -> type[ConnectorContract]:
    """Return the contract test of a plugin as an author would write it; ``options`` are class attributes."""
    return type("Contract", (ConnectorContract,), {"plugin": plugin, "simulator": simulator, **options})


def run_class(
    contract: type[ConnectorContract],
    *,
    only: Collection[str] = (),
    progress: Progress = lambda check: None,
) -> Report:
    """Run the standard tests of a contract class, or ``only`` some of them."""
    tests = {INTEGRITY: ConnectorContract.test_contract_is_whole, **contract.standard}
    checks = []
    for name, test in tests.items():
        if not only or name in only:
            checks.append(_check(name, test, contract()))
            progress(checks[-1])
    return Report(contract.plugin.manifest.name, tuple(checks))


def _check(name: str, test: Callable[[Any], None], contract: ConnectorContract) -> Check:
    started = time.perf_counter()
    verdict, note = _verdict(test, contract)
    seconds = time.perf_counter() - started
    wanted = inspect.getdoc(test) if verdict is Verdict.FAILED else ""
    return Check(name, verdict, note, wanted or "", seconds)


def _verdict(test: Callable[[Any], None], contract: ConnectorContract) -> tuple[Verdict, str]:
    try:
        test(contract)
    except Exempt as exempt:
        return Verdict.EXEMPT, str(exempt)
    except LeftOut as reason:
        return Verdict.LEFT_OUT, str(reason)
    except Failure as failure:
        return Verdict.FAILED, str(failure)
    except NotImplementedError as error:
        return Verdict.FAILED, f"Not written yet. {error}"
    except Exception as error:  # noqa: BLE001 - any end but a good one is a failure
        return Verdict.FAILED, f"{type(error).__name__}: {error}"
    return Verdict.PASSED, ""


def _authors(tests: Path | None, plugin: Any) -> type[ConnectorContract] | None:
    """Return the contract class a plugin's author wrote, if there is just one for this plugin."""
    file = tests / "test_contract.py" if tests else None
    if file is None or not file.is_file():
        return None
    spec = spec_from_file_location(f"kopru_contract_of_{plugin.manifest.name}", file)
    if spec is None or spec.loader is None:
        return None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    mine = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ConnectorContract) and value.plugin is plugin
    ]
    return mine[0] if len(mine) == 1 else None


def _point(group: str, name: str) -> EntryPoint | None:
    return next((point for point in entry_points(group=group) if point.name == name), None)
