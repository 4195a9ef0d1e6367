"""The connection check tells in plain words what works and what to do, and the definitions are complete."""

from datetime import UTC, datetime, timedelta

import pytest

from kopru.sdk import AuthError
from kopru.testing.faults import Fault, FaultKind
from kopru_nilvera import plugin
from kopru_nilvera.codes import Side
from kopru_nilvera.simulation.account import Series

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def items(ctx):
    return {item.name: item for item in plugin.check_connection(ctx).items}


def failed(ctx):
    """Return the names of failed items, each with a fix in both languages."""
    bad = [item for item in plugin.check_connection(ctx).items if not item.ok]
    assert all(item.fix and item.fix.tr and item.fix.en for item in bad)
    return [item.name for item in bad]


def test_everything_is_fine(simulator, ctx):
    result = plugin.check_connection(ctx)
    assert result.ok
    assert [item.name for item in result.items] == [
        "key",
        "company",
        "credits",
        "series.e_invoice",
        "series.e_archive",
    ]
    assert simulator.account.tax_number in items(ctx)["company"].message.tr
    assert "EFA" in items(ctx)["series.e_invoice"].message.en
    assert list(simulator.truth) == []


def test_a_wrong_key_is_told_first_and_alone(make_ctx):
    assert failed(make_ctx(api_key="wrong")) == ["key"]
    (item,) = plugin.check_connection(make_ctx(api_key="canary-secret")).items
    assert "portalda" in item.fix.tr
    assert "canary" not in f"{item.message} {item.fix}"


def test_a_server_that_cannot_be_reached(make_ctx):
    ctx = make_ctx(test_url="http://127.0.0.1:9")
    assert failed(ctx) == ["key"]
    assert "adres" in items(ctx)["key"].fix.tr


def test_another_servers_address(simulator, make_ctx):
    assert failed(make_ctx(test_url=f"{simulator.url}/x")) == ["key"]


def test_another_companys_key(make_ctx):
    assert failed(make_ctx(tax_number="1234567890")) == ["company"]


def test_a_company_that_is_switched_off(simulator, ctx):
    simulator.account.active = False
    assert failed(ctx) == ["company"]


def test_no_tax_number_in_the_settings_is_no_fault(make_ctx):
    assert failed(make_ctx(tax_number="")) == []


def test_used_up_and_expired_credit(simulator, ctx):
    simulator.account.credit_ends = NOW + timedelta(days=1)
    assert failed(ctx) == []
    simulator.account.credit_ends = NOW - timedelta(days=1)
    assert failed(ctx) == ["credits"]
    simulator.account.credit_ends, simulator.account.credit = None, 0
    assert failed(ctx) == ["credits"]


def test_a_side_without_an_active_series(simulator, make_ctx):
    simulator.account.series[Side.E_ARCHIVE] = {"EAR": Series(1, "EAR", active=False)}
    assert failed(make_ctx()) == []
    assert failed(make_ctx(create_missing_series=False)) == ["series.e_archive"]


def test_a_template_that_does_not_exist(simulator, make_ctx):
    good = simulator.account.templates[Side.E_INVOICE][0]
    assert failed(make_ctx(template_e_invoice=good)) == []
    assert failed(make_ctx(template_e_archive=good)) == ["template.e_archive"]


def test_a_key_without_a_permission_fails_only_what_it_may_not(simulator, ctx):
    simulator.denied = ("/general/Credits", "/earchive")
    assert failed(ctx) == ["credits", "series.e_archive"]
    assert "yetki" in items(ctx)["credits"].message.tr


@pytest.mark.parametrize("path", ["/Credits$", "/einvoice/Series$", "/Company$"])
@pytest.mark.parametrize("kind", [FaultKind.MALFORMED, FaultKind.DROP_AFTER])
def test_a_fault_on_the_way_is_an_item_and_never_an_exception(simulator, ctx, path, kind):
    simulator.faults.add(Fault(kind, path=path))
    assert len(failed(ctx)) == 1


def test_definitions_list_mailboxes_series_and_templates(simulator, ctx):
    simulator.account.enrol(simulator.account.tax_number, "Biz", "urn:mail:defaultgb@biz.example.com")
    simulator.account.series[Side.E_INVOICE]["EFA"].last[2026] = 17
    found = {(each.kind, each.code): each for each in plugin.fetch_definitions(ctx)}
    assert {kind for kind, _ in found} == {
        "alias", "e_invoice_series", "e_archive_series", "e_invoice_template", "e_archive_template",
    }  # fmt: skip
    assert ("alias", "urn:mail:defaultgb@biz.example.com") in found
    assert found["e_invoice_series", "EFA"].extra["2026"] == "17"
    assert ("e_invoice_template", simulator.account.templates[Side.E_INVOICE][0]) in found


def test_definitions_are_read_to_the_last_page(simulator, make_ctx):
    names = [f"S{n:02d}" for n in range(23)]
    simulator.account.series[Side.E_INVOICE] = {name: Series(n, name) for n, name in enumerate(names)}
    found = plugin.fetch_definitions(make_ctx(page_size=5))
    assert [each.code for each in found if each.kind == "e_invoice_series"] == names


def test_definitions_need_the_key(make_ctx):
    with pytest.raises(AuthError):
        plugin.fetch_definitions(make_ctx(api_key="wrong"))
