"""The proof of the contract kit: honest plugins pass, and each lie is found by exactly the tests it concerns."""

import importlib.util
from pathlib import Path

import pytest

from kopru.sdk import Operation
from kopru.testing.broken import lies_reading as reading
from kopru.testing.broken import lies_stating as stating
from kopru.testing.broken import lies_writing as writing
from kopru.testing.broken.bazaar import BazaarSimulator
from kopru.testing.broken.channel import channel
from kopru.testing.broken.ledger import ledger
from kopru.testing.broken.plain_adviser import plain_adviser
from kopru.testing.broken.plain_format import plain_format
from kopru.testing.broken.shop import shop
from kopru.testing.contract import Report, Verdict, contract_of, run_class
from kopru.testing.contract.subject import STREAMS


def run(plugin: object) -> Report:
    remote = BazaarSimulator if plugin.manifest.base_url else None  # type: ignore[attr-defined]
    return run_class(contract_of(plugin, remote))


@pytest.mark.parametrize(
    "plugin", [shop, ledger, channel, plain_format, plain_adviser], ids=lambda p: p.manifest.name
)
def test_an_honest_plugin_passes_everything(plugin: object) -> None:
    report = run(plugin)
    assert {check.name: check.note for check in report.checks if check.verdict is not Verdict.PASSED} == {}
    assert report.ok
    assert len(report.checks) > 20


TROUBLE_WITH_ORDERS = {
    "test_fetch_orders_tells_a_refused_login",
    "test_fetch_orders_tells_rate_limits",
    "test_fetch_orders_tells_server_faults",
    "test_fetch_orders_tells_refusals",
    "test_fetch_orders_refuses_garbled_answers",
}
DOUBLED = {
    "test_post_order_survives_a_lost_answer",
    "test_post_order_survives_a_late_commit",
    "test_post_order_survives_garbled_answers",
}

READING_LIES: dict[type, set[str]] = {
    reading.RepeatsCursor: {
        "test_fetch_orders_ends",
        "test_fetch_orders_loses_nothing_at_page_borders",
        "test_fetch_orders_survives_growth",
        "test_fetch_orders_survives_changes",
        "test_fetch_orders_keeps_equal_times",
        "test_connections_do_not_mix",
    },
    reading.LosesAtTheBorder: {
        "test_fetch_orders_loses_nothing_at_page_borders",
        "test_fetch_orders_survives_growth",
        "test_fetch_orders_survives_changes",
        "test_fetch_orders_keeps_equal_times",
        "test_connections_do_not_mix",
    },
    reading.ForgetsEqualTimes: {"test_fetch_orders_keeps_equal_times"},
    reading.SkipsTheLowerBound: {"test_fetch_orders_includes_the_lower_bound"},
    reading.CountsPagesOnce: {"test_fetch_orders_survives_growth"},
    reading.CountsFromTheOldest: {"test_fetch_orders_survives_changes"},
    reading.IgnoresTheLimit: {"test_fetch_orders_ends"},
    reading.SwallowsErrors: TROUBLE_WITH_ORDERS,
    reading.ReturnsNone: {
        "test_fetch_orders_loses_nothing_at_page_borders",
        "test_fetch_orders_survives_changes",
        "test_fetch_orders_keeps_equal_times",
        "test_connections_do_not_mix",
    },
    reading.TrustsTypes: {"test_fetch_orders_survives_hostile_answers"},
    reading.MistakesLimits: {"test_fetch_orders_tells_rate_limits"},
    reading.KeepsState: {*TROUBLE_WITH_ORDERS, "test_connections_do_not_mix"},
    reading.QueriesUnsafely: {"test_fetch_orders_reads_in_a_dry_run"},
    reading.CountsDiscountsTwice: {"test_orders_add_up", "test_orders_equal_the_world"},
    reading.UsesFloats: {"test_orders_add_up", "test_orders_equal_the_world"},
}

WRITING_LIES: dict[type, set[str]] = {
    writing.DoublesBlindly: {
        "test_post_invoice_leaves_one_record_per_key",
        "test_post_invoice_survives_a_lost_answer",
        "test_post_invoice_survives_a_late_commit",
        "test_post_invoice_survives_a_timeout",
        "test_post_invoice_survives_garbled_answers",
    },
    writing.NeverFinds: {
        *DOUBLED,
        "test_post_order_survives_a_timeout",
        "test_post_order_leaves_one_record_per_key",
        "test_post_order_locate_finds_what_was_written",
        "test_post_order_locate_finds_a_lost_answer",
        "test_post_order_locate_tells_trouble",
    },
    writing.GuessesAbsent: {"test_post_order_locate_tells_trouble"},
    writing.GuessesFound: {
        "test_post_order_survives_a_lost_request",
        "test_post_order_locate_tells_what_is_absent",
    },
    writing.CallsItTransient: {*DOUBLED, "test_post_order_tells_server_faults"},
    writing.WritesInADryRun: {
        "test_post_order_survives_a_lost_answer",
        "test_post_order_survives_a_late_commit",
        "test_post_order_sends_nothing_in_a_dry_run",
        "test_post_order_tells_server_faults",
        "test_post_order_locate_finds_a_lost_answer",
        "test_post_order_locate_tells_what_is_absent",
    },
    writing.RepeatsItself: {
        *DOUBLED,
        "test_post_order_tells_server_faults",
        "test_post_order_locate_finds_a_lost_answer",
        "test_post_order_locate_tells_what_is_absent",
    },
    writing.EchoesNothing: {"test_post_order_succeeds"},
    writing.LeaksItsKey: {"test_secrets_stay_secret"},
    writing.LosesItems: {"test_push_prices_names_one_outcome_per_item"},
}

STATING_LIES: dict[type, set[str]] = {
    stating.GuessesUnregistered: {"test_lookup_tells_trouble"},
    stating.BelievesAnybody: {"test_forged_webhooks_are_refused"},
    stating.AlwaysGreen: {
        "test_check_tells_wrong_credentials",
        "test_check_tells_unreachable_server",
        "test_check_tells_failing_server",
    },
    stating.ClaimsTooMuch: {"test_manifest_covers_hooks", "test_manifest_claims_no_more"},
    stating.MisspellsAHook: {"test_hooks_are_known"},
    stating.ForgetsTheMark: {"test_no_hook_is_unmarked"},
    stating.RenamesParameters: {"test_hook_parameters_match"},
    stating.CannotLookUp: {
        *DOUBLED,
        "test_writes_can_be_followed",
        "test_post_order_survives_a_lost_request",
        "test_post_order_survives_a_timeout",
    },
    stating.ShowsItsSettings: {
        "test_settings_are_explained",
        "test_settings_hide_secrets",
        "test_old_settings_migrate",
    },
    stating.ChangesItsBytes: {
        "test_rendering_is_stable",
        "test_placeholder_numbers_change_nothing_else",
    },
    stating.PassesEverything: {
        "test_tampered_documents_are_invalid",
        "test_hostile_documents_are_invalid",
    },
}

LIES = READING_LIES | WRITING_LIES | STATING_LIES


@pytest.mark.parametrize("liar", LIES, ids=lambda liar: liar.__name__)
def test_a_lie_is_found_by_the_tests_it_concerns(liar: type) -> None:
    report = run(liar())
    assert report.names(Verdict.FAILED) == LIES[liar]
    assert all(check.note and check.help.startswith("Fails when") for check in report.of(Verdict.FAILED))


def test_every_lie_is_proved() -> None:
    helpers = {reading.Checks, reading.Reader, writing.OrderWriter, stating.OpenConfig}
    planted = {
        member
        for module in (reading, writing, stating)
        for member in vars(module).values()
        if isinstance(member, type) and member.__module__ == module.__name__
    }
    assert planted - helpers == set(LIES)


def test_every_standard_test_is_proved() -> None:
    """Each standard test fails for some lie here or some alteration in ``test_contract_power``."""
    spec = importlib.util.spec_from_file_location(
        "contract_power", Path(__file__).with_name("test_contract_power.py")
    )
    assert spec and spec.loader
    power = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(power)
    proved = {_bare(name) for names in LIES.values() for name in names} | {
        _bare(name) for name in power.ALTERED
    }
    proved |= {"test_simulator_enforces_quotas", "test_import_is_fast", "test_import_is_quiet"}
    remotes = {shop: BazaarSimulator, ledger: BazaarSimulator, channel: BazaarSimulator}
    remotes |= {plain_format: None, plain_adviser: None}
    standard = {
        _bare(name) for plugin, remote in remotes.items() for name in contract_of(plugin, remote).standard
    }
    assert standard - proved == set()


def _bare(name: str) -> str:
    """Return a standard test's name without the hook it is made for."""
    reads = dict.fromkeys((*STREAMS, "fetch_refs"), "reading")
    for hook, kind in (reads | {operation.value: "writing" for operation in Operation}).items():
        if name.startswith(f"test_{hook}_"):
            return name.replace(hook, kind, 1)
    return name


def test_a_heavy_import_is_found() -> None:
    from kopru.testing.broken.slow import ImportsSlowly

    report = run(ImportsSlowly())
    assert report.names(Verdict.FAILED) == {"test_import_is_fast", "test_import_is_quiet"}
