"""Rates and pointers of the firm's tax table."""

from decimal import Decimal

import pytest

from kopru.sdk import MappingMissing
from kopru_mikro import vat
from kopru_mikro.client import Client


@pytest.mark.parametrize(
    ("table", "known"),
    [
        ({1: 0, 2: 1, 3: 10, 4: 20, 5: 26}, {0: 0, 1: 2, 10: 3, 20: 4, 26: 5}),
        ({0: 0, 1: 1, 2: 10, 3: 20}, {0: 0, 1: 1, 10: 2, 20: 3}),
        ({4: 20, 8: 20}, {0: 0, 20: 4}),
    ],
)
def test_each_firm_has_its_own_table(start, connect, table, known):
    simulator = start(tax_table={pointer: Decimal(rate) for pointer, rate in table.items()})
    assert vat.read(Client(connect(simulator))) == {Decimal(rate): pointer for rate, pointer in known.items()}


def test_settings_spare_the_question(sim, connect):
    client = Client(connect(sim, vat_pointers={"20": 9, "10.0": 8}))
    asked = len(sim.served)
    found = vat.pointers(client, [Decimal(20), Decimal("10.00")])
    assert (found[Decimal(20)], found[Decimal(10)]) == (9, 8)
    assert len(sim.served) == asked


def test_settings_go_before_the_table(sim, connect):
    client = Client(connect(sim, vat_pointers={"20": 9}))
    found = vat.pointers(client, [Decimal(20), Decimal(1)])
    assert (found[Decimal(20)], found[Decimal(1)]) == (9, 2)


def test_every_missing_rate_is_named(client):
    with pytest.raises(MappingMissing) as missing:
        vat.pointers(client, [Decimal(20), Decimal(18), Decimal("8.00")])
    assert missing.value.keys == ("%8", "%18")


def test_nothing_is_asked_for_without_rates(sim, client):
    asked = len(sim.served)
    assert vat.pointers(client, []) == {}
    assert len(sim.served) == asked
