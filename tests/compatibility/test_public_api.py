"""What plugins outside may use stays as it is, or changes by the deprecation rules."""

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("snapshot", Path(__file__).with_name("snapshot.py"))
snapshot = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(snapshot)

ADVICE = """
Plugins outside this repository may use this. Keep the old name beside the new one and deprecate it as
“Versions” in docs/integrator-guide.md says; a hook's signature also needs a higher HOOK_API. If that is done,
or the name was never part of a release, renew the list: python tests/compatibility/snapshot.py
"""


def test_nothing_plugins_use_was_removed_or_changed():
    found = snapshot.problems(snapshot.read(snapshot.FILE.read_text("utf-8")), snapshot.public_api())
    assert not found, "\n".join(found) + "\n" + ADVICE


def test_the_list_can_be_read_back():
    api = snapshot.public_api()
    assert snapshot.read("\n".join(api.values())) == api
    assert {
        "kopru.sdk.Manifest",
        "kopru.model.Order",
        "kopru.toolkit.dates.local_date",
        "hook.fetch_orders",
    } <= set(api)
    assert "kopru.testing.simulator.Simulator" in api


BEFORE = (
    "m.f(a: int, *, b: str='') -> int",
    "m.C",
    "m.C.x: int",
    "m.C.run(self, a: int) -> int",
    "m.E.RED = 'red'",
)


@pytest.mark.parametrize(
    ("line", "new"),
    [
        (
            "m.f(a: int, *, b: str='') -> int",
            "m.f(a: int, c: int=0, *, b: str='', d: int | None=None) -> int",
        ),
        ("m.f(a: int, *, b: str='') -> int", "m.f(a: int, *rest: int, b: str='', **more: Any) -> int"),
        ("m.C.x: int", "m.C.x: int = …"),
        (None, "m.g(a: int) -> int"),
        (None, "m.C.y: int = …"),
        (None, "m.C.z: int (read only)"),
        (None, "m.D.x: int"),
        (None, "m.E.BLUE = 'blue'"),
    ],
)
def test_what_is_only_more_is_fine(line, new):
    assert problems(line, new) == []


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("m.f(a: int, *, b: str='') -> int", None),
        ("m.f(a: int, *, b: str='') -> int", "m.f(a: int, c: int, *, b: str='') -> int"),
        ("m.f(a: int, *, b: str='') -> int", "m.f(c: int=0, a: int=0, *, b: str='') -> int"),
        ("m.f(a: int, *, b: str='') -> int", "m.f(a: int, *, c: int, b: str='') -> int"),
        ("m.f(a: int, *, b: str='') -> int", "m.f(a: int, *, b: str='x') -> int"),
        ("m.f(a: int, *, b: str='') -> int", "m.f(a: str, *, b: str='') -> int"),
        ("m.f(a: int, *, b: str='') -> int", "m.f(a: int, *, b: str='') -> str"),
        ("m.f(a: int, *, b: str='') -> int", "m.f(a: int) -> int"),
        ("m.C.x: int", "m.C.x: str"),
        ("m.C.x: int", None),
        ("m.C.run(self, a: int) -> int", "m.C.run(self, b: int) -> int"),
        ("m.E.RED = 'red'", "m.E.RED = 'crimson'"),
        (None, "m.C.y: int"),
    ],
)
def test_what_breaks_a_plugin_is_told(line, new):
    (told,) = problems(line, new)
    assert (line or new) in told


def problems(line, new):
    """What is said when one line of a small list is replaced, or one more comes to it."""
    after = [each for each in BEFORE if each != line] + ([new] if new else [])
    return snapshot.problems(snapshot.read("\n".join(BEFORE)), snapshot.read("\n".join(after)))
