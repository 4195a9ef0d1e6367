"""Connections: logins that expire or are refused, pauses, checks, settings; and what waits for them."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from kopru.flows import connections as flow
from kopru.flows.connections import add_connection, call, check_connection, pull_job, set_paused
from kopru.flows.logins import TOKEN, credentials_json
from kopru.flows.records import ConnectionState, OrderState
from kopru.hooks import ports
from kopru.hooks.errors import AuthError, ConfigError, RateLimited, Unsupported
from kopru.hooks.types import Credentials, Operation

HOUR = 3600.0


def logins(trade):
    return sum("/token" in each.path for each in trade.ledger.served)


def state(trade, name):
    return trade.connection(name).state


# Sessions


def test_an_ended_session_is_renewed_once_and_the_write_goes_out_once(trade):
    order = trade.place()
    before = logins(trade)
    trade.ledger.end_sessions()
    trade.pull()
    assert trade.order(order).state is OrderState.DONE
    assert logins(trade) == before + 1
    assert len(trade.held(Operation.POST_INVOICE)) == 1
    assert state(trade, "logo") is ConnectionState.ACTIVE


def test_an_old_session_is_renewed_before_it_is_used(trade):
    connection = trade.connection("logo")
    old = Credentials(SecretStr("old"), datetime.now(UTC) + timedelta(seconds=30))
    with trade.work().write() as uow:
        uow.connections.put_secrets(connection.id, {TOKEN: credentials_json(old)})
    trade.pass_time(0)
    before, refused = logins(trade), sum(each.status == 401 for each in trade.ledger.served)
    order = trade.place()
    trade.pull()
    assert trade.order(order).state is OrderState.DONE
    assert logins(trade) == before + 1
    assert sum(each.status == 401 for each in trade.ledger.served) == refused


def test_a_new_token_is_stored_before_it_is_used(trade, monkeypatch):
    trade.ledger.end_sessions()
    trade.pass_time(0)
    used = []

    def read(opened):
        with trade.work().read() as uow:
            stored = uow.connections.secrets(opened.row.id)[TOKEN]
        used.append(opened.ctx.credentials.access_token.get_secret_value() in stored)
        return opened.use(ports.ChecksConnection).check_connection(opened.ctx)

    with trade.work().write() as uow:
        uow.connections.put_secrets(trade.connection("logo").id, {TOKEN: ""})
    call(trade.work(), trade.connection("logo").id, read)
    assert used == [True]


def test_only_one_of_many_renews_the_login(trade):
    connection = trade.connection("logo")
    with trade.work().write() as uow:
        uow.connections.put_secrets(connection.id, {TOKEN: ""})
    trade.fault("logo", "latency", "/token", seconds=0.5)
    trade.pass_time(0)
    before, outcomes = logins(trade), []

    def use():
        try:
            flow.open_connection(trade.work(), connection.id)
            outcomes.append("opened")
        except RateLimited as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert logins(trade) == before + 1
    assert "opened" in outcomes
    assert set(outcomes) <= {"opened", "connection.refreshing"}


def test_a_process_that_died_while_renewing_holds_others_up_for_a_minute_only(trade):
    connection = trade.connection("logo")
    with trade.work().write() as uow:
        uow.connections.put_secrets(connection.id, {TOKEN: ""})
        assert uow.connections.claim_refresh(connection.id, 60)
    trade.pass_time(0)
    with pytest.raises(RateLimited):
        flow.open_connection(trade.work(), connection.id)
    trade.pass_time(61)
    assert flow.open_connection(trade.work(), connection.id).ctx.credentials


@pytest.mark.parametrize("known_to_us", [True, False])
def test_a_refused_login_parks_the_connection_and_its_work_and_goes_on_after_the_check(trade, known_to_us):
    """Whether our session ended, or it has to be renewed before the first call."""
    trade.ledger.password = "changed"
    trade.ledger.end_sessions()
    if not known_to_us:
        with trade.work().write() as uow:
            uow.connections.put_secrets(trade.connection("logo").id, {TOKEN: ""})
    trade.pass_time(0)
    orders = [trade.place() for _ in range(3)]
    trade.pull(seconds=HOUR)
    assert state(trade, "logo") is ConnectionState.NEEDS_REAUTH
    assert trade.connection("logo").reason is not None
    rows = [trade.order(order) for order in orders]
    assert {row.state for row in rows} == {OrderState.PARKED}
    before = logins(trade)
    trade.run(3 * HOUR)
    assert logins(trade) == before <= 4, "a wrong password is not tried over and over"
    add_connection(trade.work(), "logo", "logo", {**trade.ledger.config(), "password": "changed"})
    assert check_connection(trade.work(), trade.connection("logo").id).ok
    trade.run(60)
    assert {trade.order(order).state for order in orders} == {OrderState.DONE}
    assert len(trade.held(Operation.POST_INVOICE)) == 3


def test_a_refused_key_of_the_channel_parks_orders_with_their_number_kept(trade):
    order = trade.place()
    trade.channel.api_key = "another"
    trade.pull(seconds=HOUR)
    assert state(trade, "nilvera") is ConnectionState.NEEDS_REAUTH
    row, document = trade.order(order), trade.document(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "nilvera.key_refused")
    add_connection(trade.work(), "nilvera", "nilvera", trade.channel.config())
    assert check_connection(trade.work(), trade.connection("nilvera").id).ok
    trade.run(60)
    assert trade.order(order).state is OrderState.DONE
    assert trade.document(order).number == document.number
    assert "connection.needs_reauth" in trade.actions(trade.connection("nilvera"))


def test_new_settings_drop_the_old_session(trade):
    """A token of the former firm or user must not be used with the new settings."""
    connection = trade.connection("logo")
    add_connection(trade.work(), "logo", "logo", trade.ledger.config())
    with trade.work().read() as uow:
        assert not uow.connections.secrets(connection.id)[TOKEN]


# Pausing


@pytest.mark.parametrize("name", ["trendyol", "nilvera", "logo"])
def test_what_a_paused_connection_is_needed_for_waits_and_goes_on(trade, name):
    order = trade.place()
    set_paused(trade.work(), trade.connection(name).id, paused=True)
    trade.pass_time(0)
    trade.pull(seconds=HOUR)
    assert trade.held() == []
    if name != "trendyol":
        row = trade.order(order)
        assert (row.state, row.reason.code) == (OrderState.PARKED, "connection.paused")
        assert f"kopru connection resume {name}" in row.reason.text.en
    assert trade.jobs("parked")
    set_paused(trade.work(), trade.connection(name).id, paused=False)
    trade.pass_time(0)
    trade.run(60)
    assert trade.order(order).state is OrderState.DONE
    assert trade.jobs("parked") == []


def test_a_pause_in_the_middle_keeps_what_is_sent_and_books_it_afterwards(trade):
    trade.settings(("[invoice]\n", '[ledger]\nafter = "delivered"\n\n[invoice]\n'))
    order = trade.place()
    trade.pull(seconds=0)
    set_paused(trade.work(), trade.connection("logo").id, paused=True)
    trade.pass_time(0)
    trade.run(HOUR)
    assert trade.document(order).issued_at is not None
    assert trade.held(Operation.POST_INVOICE) == []
    set_paused(trade.work(), trade.connection("logo").id, paused=False)
    trade.pass_time(0)
    trade.run(60)
    assert len(trade.held(Operation.POST_INVOICE)) == 1
    assert trade.order(order).state is OrderState.DONE


def test_resuming_does_not_put_an_unchecked_connection_into_use(trade):
    add_connection(trade.work(), "zweite", "nilvera", trade.channel.config())
    with pytest.raises(ConfigError) as error:
        set_paused(trade.work(), trade.connection("zweite").id, paused=False)
    assert error.value.code == "connection.draft"
    assert state(trade, "zweite") is ConnectionState.DRAFT


# Which connection is meant


def test_two_channels_at_once_are_a_question_for_a_person(trade):
    row = add_connection(trade.work(), "zweite", "nilvera", trade.channel.config())
    check_connection(trade.work(), row.id)
    order = trade.place()
    trade.pull()
    found = trade.order(order)
    assert (found.state, found.reason.code) == (OrderState.PARKED, "connection.ambiguous")
    assert "zweite" in found.reason.text.en and "nilvera" in found.reason.text.en
    set_paused(trade.work(), row.id, paused=True)
    trade.pass_time(0)
    with trade.work().write() as uow:
        uow.jobs.unpark()
    trade.run(60)
    assert trade.order(order).state is OrderState.DONE


def test_a_plugin_that_went_missing_stops_the_work_instead_of_leaving_its_step_out(trade, monkeypatch):
    order = trade.place()
    registry = trade.engine.env.registry
    monkeypatch.delitem(registry._loaded, "nilvera")
    trade.pass_time(0)
    trade.pull(seconds=60)
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "plugin.missing")
    assert trade.documents(order) == []


def test_a_plugin_the_tenant_disabled_stops_the_work(trade):
    order = trade.place()
    with trade.work().write() as uow:
        uow.settings.disable("nilvera")
    trade.pass_time(0)
    trade.pull(seconds=60)
    assert trade.order(order).state is OrderState.PARKED
    assert trade.order(order).reason.code == "plugin.not_enabled"
    assert trade.held() == []


# Settings


def test_a_name_belongs_to_its_plugin(trade):
    with pytest.raises(ConfigError) as error:
        add_connection(trade.work(), "trendyol", "nilvera", trade.channel.config())
    assert error.value.code == "connection.taken"
    assert trade.connection("trendyol").plugin == "trendyol"


@pytest.mark.parametrize(
    "change", [{"api_key": None}, {"test_url": 17}, {"unheard_of": "x"}, {"environment": "moon"}]
)
def test_wrong_settings_are_named_and_nothing_is_stored(trade, change):
    values = {**trade.channel.config(), **change}
    values = {name: value for name, value in values.items() if value is not None}
    with pytest.raises(ConfigError) as error:
        add_connection(trade.work(), "neu", "nilvera", values)
    assert error.value.code == "connection.config"
    assert next(iter(change)) in error.value.message.en
    assert trade.connection("neu") is None


def test_a_secret_in_a_wrong_setting_is_not_repeated(trade):
    values = {**trade.ledger.config(), "firm": "not-a-number", "password": "geheim-123"}
    with pytest.raises(ConfigError) as error:
        add_connection(trade.work(), "neu", "logo", values)
    assert "geheim-123" not in str(error.value) + error.value.message.tr


def test_secrets_are_apart_and_shown_masked(trade):
    row = trade.connection("logo")
    manifest = trade.engine.env.registry.manifest("logo")
    shown = flow.shown_config(manifest, row)
    assert shown["password"] == flow.MASKED
    assert trade.ledger.password not in str(row.config)
    with trade.admin.begin() as db:
        stored = db.exec_driver_sql("select string_agg(c::text, '') from connection c").scalar_one()
    assert trade.ledger.password not in stored and trade.channel.api_key not in stored


def test_a_tenant_may_not_use_what_was_not_enabled(trade):
    with trade.work().write() as uow:
        uow.settings.disable("orderfile")
    with pytest.raises(Unsupported) as error:
        add_connection(trade.work(), "datei", "orderfile", {"folder": "/tmp"})
    assert "kopru plugin enable orderfile" in error.value.message.en


# Checks


def test_a_wrong_key_is_told_in_plain_words_with_the_fix(trade):
    row = add_connection(trade.work(), "neu", "trendyol", {**trade.shop.config(), "api_secret": "falsch"})
    result = check_connection(trade.work(), row.id)
    assert not result.ok
    wrong = next(item for item in result.items if not item.ok)
    assert wrong.fix is not None and wrong.fix.tr and wrong.fix.en
    assert state(trade, "neu") is ConnectionState.DRAFT


def test_an_unreachable_server_is_told_with_the_fix(trade):
    values = {**trade.shop.config(), "base_url": "http://127.0.0.1:9/integration"}
    row = add_connection(trade.work(), "neu", "trendyol", values)
    result = check_connection(trade.work(), row.id)
    assert not result.ok
    assert any(item.fix for item in result.items if not item.ok)


def test_a_check_that_passes_lets_parked_work_of_an_active_connection_go_on(trade):
    order = trade.place()
    trade.channel.account.credit = 0
    trade.pull(seconds=60)
    assert trade.order(order).reason.code == "nilvera.credit_missing"
    trade.channel.account.credit = 100
    assert check_connection(trade.work(), trade.connection("nilvera").id).ok
    trade.run(60)
    assert trade.order(order).state is OrderState.DONE


def test_a_check_of_a_paused_connection_leaves_it_paused(trade):
    connection = trade.connection("trendyol")
    set_paused(trade.work(), connection.id, paused=True)
    assert check_connection(trade.work(), connection.id).ok
    assert state(trade, "trendyol") is ConnectionState.PAUSED


# What was said


def test_writes_and_failures_are_kept_without_secrets_and_reads_are_not(trade):
    trade.place()
    trade.pull()
    said = {name: exchanges(trade, name) for name in ("trendyol", "nilvera", "logo")}
    assert {each["method"] for each in said["nilvera"]} == {"POST"}
    assert any("/salesInvoices" in each["url"] for each in said["logo"])
    text = str(said)
    for secret in (trade.channel.api_key, trade.ledger.password, "sim-api-secret"):
        assert secret not in text


def test_a_failed_read_is_kept_although_its_job_wrote_nothing(trade):
    trade.fault("trendyol", "status", "/stream", method="GET", status=503, times=3)
    trade.pull(seconds=0)
    said = exchanges(trade, "trendyol")
    assert [each["status"] for each in said] == [503, 503, 503]


def exchanges(trade, name):
    with trade.work().read() as uow:
        return uow.events.exchanges(trade.connection(name).id, 100)


def test_a_pull_that_is_refused_by_a_quota_waits_and_is_not_counted(trade):
    trade.fault("trendyol", "status", "/stream", method="GET", status=429, seconds=20)
    trade.add(pull_job("orders.pull", trade.connection("trendyol")))
    order = trade.place()
    trade.run(0)
    (job,) = [job for job in trade.jobs("queued") if job.kind == "orders.pull"]
    assert job.tries == 0 and job.error.code == "http.rate_limited"
    trade.run(25)
    assert trade.order(order).state is OrderState.DONE


def test_the_login_refused_while_reading_parks_the_reading(trade):
    trade.shop._login = "Basic something-else"
    trade.pull(seconds=60)
    assert state(trade, "trendyol") is ConnectionState.NEEDS_REAUTH
    (job,) = [job for job in trade.jobs("parked") if job.kind == "orders.pull"]
    assert isinstance(job.error.text.en, str) and job.error.text.en
    with pytest.raises(AuthError):
        flow.open_connection(trade.work(), trade.connection("trendyol").id)
