"""The connector in the integrator guide works as it stands there: types, registry, transport, contract kit."""

import importlib
import os
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from kopru.hooks.dry_run import PlannedRequest
from kopru.registry import Registry, Status
from kopru.registry.discovery import load
from kopru.sdk import (
    Absent,
    AuthError,
    Conflict,
    Found,
    IdempotencyKey,
    Operation,
    OrderAction,
    OrderUpdate,
    OutcomeUnknown,
    Repeat,
    Unsupported,
    Window,
    ports,
)
from kopru.testing.context import test_ctx as make_ctx
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.samples import sample_key
from kopru.testing.world import make_world

ROOT = Path(__file__).parents[2]
FILE_NAME = re.compile(r"^\*\*`([\w./]+)`\*\*$")
WORLD = make_world(9, start=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2))


@pytest.fixture(scope="module")
def project(page, tmp_path_factory):
    """The files of the guide in a folder; each block stands under its file's name."""
    folder = tmp_path_factory.mktemp("vitrin")
    for block in page("docs/integrator-guide.md").blocks("python", "toml"):
        name = FILE_NAME.match(block.before)
        if name is not None:
            path = folder / name[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code, "utf-8")
    return folder


@pytest.fixture(scope="module")
def entry(project):
    """The plugin as the registry finds it by the entry point of the guide's pyproject."""
    points = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    sys.path.insert(0, str(project / "src"))
    try:
        yield load(EntryPoint("vitrin", points["kopru.plugins"]["vitrin"], "kopru.plugins"))
    finally:
        sys.path.remove(str(project / "src"))
        for name in [name for name in sys.modules if name.partition(".")[0] == "kopru_vitrin"]:
            del sys.modules[name]


@pytest.fixture(scope="module")
def vitrin(entry):
    """The plugin as one tenant may call it."""
    assert entry.status is Status.LOADED, entry.reason.en
    return Registry([entry]).for_tenant({"vitrin"}, {"vitrin"})


@pytest.fixture
def shop(entry):
    with importlib.import_module("kopru_vitrin.simulator").simulator() as simulator:
        simulator.load(WORLD)
        yield simulator
        assert simulator.bugs == []


@pytest.fixture
def ctx(entry, shop):
    return make_ctx(entry.plugin, shop.config())


@pytest.fixture
def post(vitrin, ctx):
    """Give an order its invoice, as the engine would."""

    def send(order, *, action=OrderAction.INVOICE_LINK, ctx=ctx):
        update = OrderUpdate(
            order, action, invoice_number="ABC2026000000001", invoice_url="https://f.example.com/1"
        )
        return vitrin.use("vitrin", ports.UpdatesOrderStatus).update_order_status(ctx, key_of(order), update)

    return send


def key_of(order) -> IdempotencyKey:
    return sample_key("guide", order.id)


def read_all(vitrin, ctx, limit):
    window = Window(WORLD.orders[0].modified_at, datetime.now(UTC))
    found, cursor = [], None
    while True:
        page = vitrin.use("vitrin", ports.FetchesOrders).fetch_orders(ctx, cursor, window, limit)
        found += page.records
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_every_file_of_the_guide_is_used(project):
    files = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}
    package = {"__init__", "config", "manifest", "mapping", "plugin", "simulator"}
    assert files == {
        "pyproject.toml",
        "tests/test_contract.py",
        *(f"src/kopru_vitrin/{name}.py" for name in package),
    }


def test_code_passes_the_linter_of_plugins(project):
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", str(project / "src")]
    checked = subprocess.run([*ruff, "check", *options], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    formatted = subprocess.run(
        [*ruff, "format", "--diff", *options], capture_output=True, text=True, check=False
    )
    assert formatted.returncode == 0, formatted.stdout


def test_code_is_typed(project):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--cache-dir",
            str(project / ".mypy_cache"),
            "src/kopru_vitrin",
        ],
        cwd=project,
        env={**os.environ, "MYPYPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_check_tells_a_working_and_a_wrong_key(vitrin, entry, shop, ctx):
    check = vitrin.use("vitrin", ports.ChecksConnection).check_connection
    assert check(ctx).ok
    wrong = check(make_ctx(entry.plugin, {**shop.config(), "api_key": "wrong"}))
    assert not wrong.ok
    assert wrong.items[0].fix is not None


@pytest.mark.parametrize("limit", [1, 4, 50])
def test_every_order_is_read_with_its_money(vitrin, ctx, limit):
    records = read_all(vitrin, ctx, limit)
    totals = {record.external_id: record.value.total for record in records if record.value}
    assert totals == {str(order.id): order.total for order in WORLD.orders}
    assert all(record.value.sum_gap() == 0 for record in records)


def test_a_stored_payload_gives_the_same_order(vitrin, entry, shop, ctx):
    record = read_all(vitrin, ctx, 50)[0]
    config = entry.plugin.manifest.config.model_validate(shop.config())
    again = vitrin.use("vitrin", ports.ParsesOrders).parse_orders(config, record.raw)
    assert [each.value for each in again] == [record.value]


def test_a_broken_record_leaves_its_neighbours_alone(vitrin, shop, ctx):
    del shop.orders[str(WORLD.orders[3].id)]["total"]
    records = read_all(vitrin, ctx, 50)
    assert len(records) == len(WORLD.orders)
    broken = [record for record in records if record.value is None]
    assert [record.external_id for record in broken] == [str(WORLD.orders[3].id)]
    assert broken[0].findings[0].code.startswith("vitrin.order.")


def test_a_refused_key_is_an_auth_error(vitrin, entry, shop):
    with pytest.raises(AuthError):
        read_all(vitrin, make_ctx(entry.plugin, {**shop.config(), "api_key": "wrong"}), 50)


@pytest.mark.parametrize("fault, arrived", [(FaultKind.DROP_BEFORE, False), (FaultKind.DROP_AFTER, True)])
def test_a_lost_answer_is_found_out(vitrin, shop, ctx, post, fault, arrived):
    order = read_all(vitrin, ctx, 50)[0].value.ref
    shop.faults.add(Fault(fault, method="POST", times=1))
    with pytest.raises(OutcomeUnknown):
        post(order)
    shop.settle()
    located = vitrin.use("vitrin", ports.Locates).locate(
        ctx, Operation.UPDATE_ORDER_STATUS, key_of(order), order
    )
    assert isinstance(located, Found if arrived else Absent)
    assert len(shop.held(Operation.UPDATE_ORDER_STATUS)) == arrived


def test_a_repeat_is_a_conflict_and_leaves_one_invoice(vitrin, shop, ctx, post):
    order = read_all(vitrin, ctx, 50)[0].value.ref
    post(order)
    with pytest.raises(Conflict):
        post(order)
    assert len(shop.held(Operation.UPDATE_ORDER_STATUS)) == 1


def test_a_dry_run_sends_nothing(vitrin, entry, shop, ctx, post):
    order = read_all(vitrin, ctx, 50)[0].value.ref
    with pytest.raises(PlannedRequest) as planned:
        post(order, ctx=make_ctx(entry.plugin, shop.config(), dry_run=True))
    assert shop.key not in repr(planned.value.call)
    assert shop.held(Operation.UPDATE_ORDER_STATUS) == []


def test_other_updates_are_not_claimed(vitrin, ctx, post):
    with pytest.raises(Unsupported):
        post(read_all(vitrin, ctx, 50)[0].value.ref, action=OrderAction.SHIPPED)


def test_its_own_tests_pass(project):
    """The contract kit over the guide's connector, run as the guide says."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed and int(passed[1]) > 30, done.stdout[-500:]


def test_the_guide_explains_every_repeat_mode(page):
    text = page("docs/integrator-guide.md").text
    assert [mode.name for mode in Repeat if f"`{mode.name}`" not in text] == []
