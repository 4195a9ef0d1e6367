"""The class an author writes: discovery, exemptions, and what happens to standard tests that are tampered with."""

import os
import subprocess
import sys
from typing import Any

import pytest

from kopru.testing.broken import lies_stating
from kopru.testing.broken.bazaar import BazaarSimulator
from kopru.testing.broken.plain_format import plain_format
from kopru.testing.broken.shop import shop
from kopru.testing.contract import (
    Check,
    ConnectorContract,
    Report,
    Verdict,
    contract_of,
    run_class,
    run_contract,
    runner,
)

EXEMPTED = "test_settings_are_explained"
INTEGRITY = "test_contract_is_whole"


def outcome(contract: type[ConnectorContract], name: str) -> Check:
    """Run one standard test of a contract class."""
    (check,) = run_class(contract, only={name}).checks
    return check


class TestPlainFormat(ConnectorContract):
    """A contract as pytest runs it."""

    plugin = plain_format


def test_tests_follow_from_what_a_plugin_implements() -> None:
    names = set(contract_of(plain_format).standard)
    assert "test_rendering_is_stable" in names
    assert not any(name.startswith(("test_fetch", "test_post", "test_check")) for name in names)
    names = set(contract_of(shop, BazaarSimulator).standard)
    assert {"test_fetch_orders_ends", "test_push_stock_survives_a_lost_answer"} <= names
    assert not any("upsert_party" in name or "render" in name for name in names)


def test_tests_come_in_the_same_order_in_every_process() -> None:
    program = (
        "from kopru.testing.broken.bazaar import BazaarSimulator as sim\n"
        "from kopru.testing.broken.shop import shop\n"
        "from kopru.testing.contract import contract_of\n"
        "print([name for name in vars(contract_of(shop, sim)) if name.startswith('test')])\n"
    )
    orders = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(orders) == 1


def test_a_plugin_without_a_remote_gets_the_static_tests() -> None:
    names = set(contract_of(shop).standard)
    assert "test_manifest_is_complete" in names
    assert not any(name.startswith("test_fetch") for name in names)


def test_every_standard_test_says_what_to_look_at() -> None:
    for contract in (contract_of(shop, BazaarSimulator), contract_of(plain_format)):
        for name, test in contract.standard.items():
            assert test.__name__ == name
            assert (test.__doc__ or "").startswith("Fails when"), name
            assert "HOOK" not in (test.__doc__ or ""), name


def test_an_exempt_test_that_fails_is_told_with_its_reason() -> None:
    reason = "The vendor's settings screen explains them."
    contract = contract_of(lies_stating.ShowsItsSettings(), exempt={EXEMPTED: reason})
    check = outcome(contract, EXEMPTED)
    assert check.verdict is Verdict.EXEMPT
    assert reason in check.note


def test_an_exemption_that_is_not_needed_any_more_fails() -> None:
    contract = contract_of(plain_format, exempt={EXEMPTED: "It used to have no titles."})
    check = outcome(contract, EXEMPTED)
    assert check.verdict is Verdict.FAILED
    assert "not needed any more" in check.note


@pytest.mark.parametrize(
    ("exempt", "complaint"),
    [
        ({"test_no_such_test": "A good reason, but for nothing."}, "unknown tests: test_no_such_test"),
        ({EXEMPTED: ""}, f"without a reason: {EXEMPTED}"),
        ({EXEMPTED: "  todo  "}, f"without a reason: {EXEMPTED}"),
    ],
)
def test_a_bad_exemption_fails(exempt: dict[str, str], complaint: str) -> None:
    check = outcome(contract_of(plain_format, exempt=exempt), INTEGRITY)
    assert check.verdict is Verdict.FAILED
    assert complaint in check.note


def test_an_overridden_test_is_found() -> None:
    def test_rendering_is_stable(self: Any) -> None:
        """Pretend."""

    contract = contract_of(plain_format, test_rendering_is_stable=test_rendering_is_stable)
    check = outcome(contract, INTEGRITY)
    assert check.verdict is Verdict.FAILED
    assert "test_rendering_is_stable" in check.note


def test_a_test_overridden_further_down_is_found() -> None:
    base = contract_of(plain_format)
    below = type("Below", (base,), {"test_rendering_is_stable": lambda self: None})
    assert "test_rendering_is_stable" in outcome(below, INTEGRITY).note
    assert outcome(type("Plain", (base,), {}), INTEGRITY).verdict is Verdict.PASSED


def test_a_removed_test_is_found() -> None:
    contract = contract_of(plain_format)
    del contract.test_rendering_is_stable  # type: ignore[attr-defined]
    assert "test_rendering_is_stable" in outcome(contract, INTEGRITY).note


def test_setting_a_test_to_nothing_does_not_remove_it() -> None:
    contract = contract_of(plain_format, test_rendering_is_stable=None)
    assert outcome(contract, INTEGRITY).verdict is Verdict.PASSED
    assert callable(contract.test_rendering_is_stable)  # type: ignore[attr-defined]


def test_the_integrity_test_itself_cannot_be_replaced() -> None:
    with pytest.raises(TypeError, match=INTEGRITY):
        contract_of(plain_format, **{INTEGRITY: lambda self: None})


def test_a_missing_lever_leaves_a_test_out_and_says_so() -> None:
    class Poor(BazaarSimulator):
        add_return = None  # type: ignore[assignment]

    check = outcome(contract_of(shop, Poor), "test_fetch_returns_ends")
    assert check.verdict is Verdict.LEFT_OUT
    assert "add_return" in check.note


def test_a_lever_of_the_test_class_replaces_the_simulators() -> None:
    class Poor(BazaarSimulator):
        add_return = None  # type: ignore[assignment]

    def add_return(self: Any, simulator: Any, order: Any) -> None:
        BazaarSimulator.add_return(simulator, order)

    contract = contract_of(shop, Poor, add_return=add_return)
    assert outcome(contract, "test_fetch_returns_ends").verdict is Verdict.PASSED


def test_without_a_lever_for_orders_a_larger_world_is_loaded() -> None:
    class Plain(BazaarSimulator):
        add_order = None  # type: ignore[assignment]

        def load(self, world: Any) -> None:
            for order in world.orders:
                BazaarSimulator.add_order(self, order)

    assert outcome(contract_of(shop, Plain), "test_fetch_orders_survives_growth").verdict is Verdict.PASSED


def test_a_simulator_that_fails_is_found() -> None:
    class Faulty(BazaarSimulator):
        def guard(self, request: Any) -> Any:
            raise ZeroDivisionError

    check = outcome(contract_of(shop, Faulty), "test_check_is_green")
    assert check.verdict is Verdict.FAILED


def test_settings_of_earlier_versions_are_asked_for() -> None:
    from dataclasses import replace

    def migrate(version: int, values: dict[str, Any]) -> dict[str, Any]:
        values["url"] = values.pop("address")
        return values

    class Changed(type(shop)):  # type: ignore[misc]
        manifest = replace(shop.manifest, config_version=2, migrate_config=migrate)

    name = "test_old_settings_migrate"
    stored = {1: {"address": "http://127.0.0.1:1", "key": "k"}}
    assert "no example of version [1]" in outcome(contract_of(Changed(), BazaarSimulator), name).note
    careless = outcome(contract_of(Changed(), BazaarSimulator, old_configs=stored), name)
    assert "changed its input" in careless.note

    class Careful(type(shop)):  # type: ignore[misc]
        manifest = replace(
            shop.manifest,
            config_version=2,
            migrate_config=lambda version, values: {"url": values["address"], "key": values["key"]},
        )

    contract = contract_of(Careful(), BazaarSimulator, old_configs=stored)
    assert outcome(contract, name).verdict is Verdict.PASSED


# Without pytest


class _Point:
    """An entry point."""

    def __init__(self, name: str, value: object) -> None:
        self.name = name
        self._value = value

    def load(self) -> object:
        if isinstance(self._value, Exception):
            raise self._value
        return self._value


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pretend that plugins and simulators are installed."""

    def install(**groups: dict[str, object]) -> None:
        points = {
            f"kopru.{group}": [_Point(name, value) for name, value in members.items()]
            for group, members in groups.items()
        }
        monkeypatch.setattr(runner, "entry_points", lambda group: points.get(group, []))

    return install


def test_an_installed_plugin_is_checked_against_its_simulator(installed: Any) -> None:
    liar = lies_stating.AlwaysGreen()
    installed(plugins={"liar": liar}, simulators={"liar": BazaarSimulator})
    seen: list[Check] = []
    report = run_contract("liar", progress=seen.append)
    assert not report.ok
    assert tuple(seen) == report.checks
    assert "test_check_tells_unreachable_server" in report.names(Verdict.FAILED)


def test_a_plugin_without_a_simulator_is_checked_as_far_as_possible(installed: Any) -> None:
    installed(plugins={"bazaar_format": plain_format})
    report = run_contract("bazaar_format")
    assert report.ok
    assert "test_rendering_is_stable" in report.names(Verdict.PASSED)


def test_an_unknown_plugin_is_told() -> None:
    with pytest.raises(LookupError):
        run_contract("no-such-plugin")


def test_a_plugin_that_cannot_be_imported_fails(installed: Any) -> None:
    installed(plugins={"broken": ImportError("no module named vendor_sdk")})
    report = run_contract("broken")
    assert not report.ok
    assert "vendor_sdk" in report.checks[0].note


def test_a_report_is_json() -> None:
    report = Report("x", (Check("a", Verdict.PASSED), Check("b", Verdict.FAILED, "wrong", "look here", 0.1)))
    assert report.to_json() == {
        "plugin": "x",
        "ok": False,
        "counts": {"passed": 1, "failed": 1, "exempt": 0, "left_out": 0},
        "checks": [
            {"name": "a", "verdict": "passed", "note": "", "help": "", "seconds": 0.0},
            {"name": "b", "verdict": "failed", "note": "wrong", "help": "look here", "seconds": 0.1},
        ],
    }
    assert not Report("empty", ()).ok


def test_the_kit_works_without_pytest() -> None:
    program = (
        "import sys; sys.modules['pytest'] = None\n"
        "from kopru.testing.contract import contract_of, run_class\n"
        "from kopru.testing.broken.plain_format import plain_format\n"
        "report = run_class(contract_of(plain_format))\n"
        "sys.exit(0 if report.ok else 1)\n"
    )
    command = [sys.executable, "-O", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
