"""Login, sessions, licence seats and the connection check."""

from datetime import date, timedelta

import pytest

from kopru.sdk import AuthError, ConfigError, RateLimited, TransientError
from kopru.testing.faults import Fault, FaultKind
from kopru_logo import plugin


def names(result):
    return {item.name: item for item in result.items}


def test_login_returns_a_token_with_its_end(sim, connect):
    credentials = plugin.refresh_credentials(connect(login=False))
    assert credentials.access_token.get_secret_value()
    assert credentials.expires_at is not None


@pytest.mark.parametrize("body", ["application/x-www-form-urlencoded", "text/plain", "application/json"])
def test_login_speaks_the_content_type_of_the_installation(sim, connect, body):
    sim.token_bodies = {body}
    assert plugin.refresh_credentials(connect(login=False, token_body=body))


def test_login_without_client_where_the_installation_wants_none(sim, connect):
    sim.client_required = False
    assert plugin.refresh_credentials(connect(login=False, client_id=""))


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"password": "yanlış"}, "logo.login.refused"),
        ({"client_secret": "başka"}, "logo.login.client"),
        ({"firm": 7}, "logo.login.refused"),
    ],
)
def test_refused_login_says_why(connect, settings, code):
    with pytest.raises(AuthError) as error:
        plugin.refresh_credentials(connect(login=False, **settings))
    assert error.value.code == code


def test_a_session_in_another_firm_is_a_config_error(sim, connect):
    sim.opens_firm = 3
    with pytest.raises(ConfigError) as error:
        plugin.refresh_credentials(connect(login=False))
    assert error.value.code == "logo.login.firm"
    assert error.value.field == "firm"


def test_full_licence_waits_instead_of_giving_up(sim, connect):
    sim.take_seats(sim.seats)
    with pytest.raises(RateLimited) as error:
        plugin.refresh_credentials(connect(login=False))
    assert error.value.code == "logo.licence"
    assert error.value.retry_after


def test_an_ended_session_asks_for_a_new_login(sim, ctx, window):
    sim.end_sessions()
    with pytest.raises(AuthError) as error:
        plugin.fetch_products(ctx, None, window, 10)
    assert error.value.code == "logo.session"


def test_reading_without_login_asks_for_one(connect, window):
    with pytest.raises(AuthError):
        plugin.fetch_products(connect(login=False), None, window, 10)


def test_check_of_a_good_connection(connect):
    result = plugin.check_connection(connect())
    assert result.ok
    assert list(names(result)) == [
        "login",
        "version",
        "licence",
        "query",
        "period",
        "warehouse",
        "services",
        "sample",
    ]


def test_check_logs_in_by_itself_and_gives_the_seat_back(sim, connect):
    result = plugin.check_connection(connect(login=False))
    assert result.ok
    assert not sim._sessions


def test_check_replaces_an_ended_session(sim, connect):
    ctx = connect()
    sim.end_sessions()
    assert plugin.check_connection(ctx).ok


@pytest.mark.parametrize(
    ("settings", "step"),
    [
        ({"password": "yanlış"}, "login"),
        ({"client_secret": "başka"}, "login"),
        ({"period": 2}, "period"),
        ({"warehouse": 9}, "warehouse"),
        ({"stock_warehouses": (0, 4)}, "warehouse"),
        ({"division": 1}, "warehouse"),
        ({"cost_group": 3}, "warehouse"),
        ({"shipping_service": "YOK"}, "services"),
    ],
)
def test_check_names_the_wrong_setting_and_its_fix(connect, settings, step):
    result = plugin.check_connection(connect(login=False, **settings))
    bad = [item for item in result.items if not item.ok]
    assert [item.name for item in bad] == [step]
    assert bad[0].fix
    assert bad[0].fix.tr
    assert bad[0].message.tr != bad[0].message.en


def test_check_without_query_door(sim, connect):
    sim.sql_open = False
    closed = names(plugin.check_connection(connect()))
    assert not closed["query"].ok
    assert "SQL" in closed["query"].fix.en
    assert plugin.check_connection(connect(sql_door=False)).ok
    assert not names(plugin.check_connection(connect(sql_door=False, period=3)))["period"].ok


def test_check_tells_a_period_that_is_over(sim, connect):
    sim.set_period(date(2025, 1, 1), date(2025, 12, 31))
    item = names(plugin.check_connection(connect()))["period"]
    assert not item.ok
    assert "2025-12-31" in item.message.en


def test_check_tells_an_inactive_period(sim, connect):
    rows = sim.ledger.system["L_CAPIPERIOD"]
    rows.append({**rows[0], "LOGICALREF": 2, "NR": 2})
    rows[0]["ACTIVE"] = 0
    item = names(plugin.check_connection(connect()))["period"]
    assert not item.ok
    assert "active period is 2" in item.message.en


def test_check_of_an_empty_firm(sim, connect):
    for entry in list(sim.ledger.items):
        sim.ledger.items.remove(entry.body["INTERNAL_REFERENCE"])
    assert not names(plugin.check_connection(connect()))["sample"].ok


def test_check_of_a_server_that_is_not_there(sim, connect):
    result = plugin.check_connection(connect(login=False, url="http://127.0.0.1:9"))
    assert [item.name for item in result.items] == ["login"]
    assert not result.ok
    assert "firewall" in result.items[0].fix.en


def test_check_survives_old_services_without_version(sim, connect):
    sim.faults.add(Fault(FaultKind.STATUS, path="/methods/", status=404))
    result = names(plugin.check_connection(connect(login=False)))
    assert result["version"].ok
    assert result["licence"].ok


def test_a_garbled_login_answer_is_a_passing_fault(sim, connect):
    sim.faults.add(Fault(FaultKind.MALFORMED, path="/token", times=3))
    with pytest.raises(TransientError):
        plugin.refresh_credentials(connect(login=False))


def test_a_session_ends_by_itself(sim, connect):
    sim.session_seconds = 120
    credentials = plugin.refresh_credentials(connect(login=False))
    assert credentials.expires_at - connect(login=False).now() == timedelta(seconds=120)
