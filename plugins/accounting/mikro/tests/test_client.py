"""Logins, body patterns and answers: what every call has in common."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from kopru.sdk import AuthError, ConfigError, OutcomeUnknown, TransientError, Unsupported
from kopru.testing.faults import Fault, FaultKind
from kopru_mikro import plugin, sql
from kopru_mikro.client import Client, daily_hash, likely_days
from kopru_mikro.codes import READS, WRITES, Document, Version

METHODS = "/Api/APIMethods/"


@pytest.fixture
def bodies(sim):
    """What the simulator was sent, by method."""
    sent = []
    sim.watch = lambda at, request, fault, answer: sent.append(
        (request.path.removeprefix(METHODS), json.loads(request.body or b"{}"))
    )
    return sent


def test_the_daily_hash_is_the_published_one():
    assert daily_hash("159753", date(2025, 9, 8)) == "9fce5c5935a265b4e6f54754c25158fd"


@pytest.mark.parametrize(
    ("utc", "days"),
    [
        ("2026-03-10T09:30", ["2026-03-10"]),
        ("2026-03-10T20:55", ["2026-03-10", "2026-03-11"]),
        ("2026-03-10T21:05", ["2026-03-11", "2026-03-10"]),
        ("2026-03-10T21:30", ["2026-03-11"]),
    ],
)
def test_the_day_is_the_turkish_one_and_near_midnight_there_are_two(utc, days):
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert [str(day) for day in likely_days(moment)] == days


@pytest.mark.parametrize("slow", [timedelta(minutes=-3), timedelta(minutes=3)])
def test_a_clock_some_minutes_off_at_midnight_is_forgiven(sim, connect, slow):
    midnight = datetime(2026, 3, 10, 21, 0, tzinfo=UTC)
    sim.clock = lambda: midnight + slow
    client = Client(connect(sim, now=midnight - slow))
    assert client.read("VergiListesiV2")


def test_a_clock_a_day_off_is_refused(sim, connect):
    sim.clock = lambda: datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
    with pytest.raises(AuthError):
        Client(connect(sim)).read("VergiListesiV2")


def test_a_write_refused_at_midnight_is_sent_once_more_and_stored_once(sim, connect, bodies):
    midnight = datetime(2026, 3, 10, 20, 59, 59, tzinfo=UTC)
    sim.clock = lambda: midnight + timedelta(minutes=2)
    card = {"cari_kod": "120.X", "cari_unvan1": "Deneme"}
    Client(connect(sim, now=midnight)).write("CariKaydetV2", {"cariler": [card]}, date(2026, 3, 10))
    assert [method for method, _ in bodies] == ["CariKaydetV2", "CariKaydetV2"]
    assert len(sim.truth.of("party.created")) == 1


def test_reads_carry_filters_beside_the_login_and_writes_their_payload_inside(client, bodies):
    client.query(sql.listing("warehouse"))
    client.write("CariKaydetV2", {"cariler": [{"cari_kod": "1", "cari_unvan1": "A"}]}, date(2026, 3, 10))
    (read, asked), (written, told) = bodies
    assert (read, written) == ("SqlVeriOkuV2", "CariKaydetV2")
    assert asked["SQLSorgu"].startswith("SELECT ")
    assert "SQLSorgu" not in asked["Mikro"]
    assert set(told) == {"Mikro"}
    assert told["Mikro"]["cariler"] == [{"cari_kod": "1", "cari_unvan1": "A"}]
    assert told["Mikro"]["FirmaNo"] == told["Mikro"]["SubeNo"] == 0


def test_a_method_of_one_pattern_cannot_be_called_by_the_other(client):
    assert not READS & WRITES
    with pytest.raises(ValueError, match="does not read"):
        client.read("CariKaydetV2")
    with pytest.raises(ValueError, match="does not write"):
        client.write("SqlVeriOkuV2", {}, date(2026, 3, 10))


def test_the_working_year_is_the_documents(client, bodies, connect, sim):
    card = {"cariler": [{"cari_kod": "1", "cari_unvan1": "A"}]}
    client.write("CariKaydetV2", card, date(2025, 12, 31))
    fixed = Client(connect(sim, working_year=2024))
    fixed.read("VergiListesiV2")
    assert [body["Mikro"]["CalismaYili"] for _, body in bodies] == [2025, 2024]


def test_v16_has_no_sql_method(connect, start):
    simulator = start(version=Version.V16)
    with pytest.raises(Unsupported) as refused:
        Client(connect(simulator)).query(sql.listing("warehouse"))
    assert refused.value.code == "mikro.no_sql"
    as_v17 = Client(connect(simulator, version="V17"))
    with pytest.raises(ConfigError) as unknown:
        as_v17.query(sql.listing("warehouse"))
    assert unknown.value.code == "mikro.method"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"api_key": "falsch-1"}, "Geçersiz api key"),
        ({"password": "Parola-2"}, "şifre hatalı"),
        ({"username": "BASKA"}, "şifre hatalı"),
    ],
)
def test_wrong_credentials_are_refused_inside_http_200(sim, connect, changed, said):
    with pytest.raises(AuthError) as refused:
        Client(connect(sim, **changed)).read("VergiListesiV2")
    assert said in refused.value.detail
    assert sim.served[-1].status == 200


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"result": []}',
        '{"result": [{}]}',
        '{"result": [{"IsError": "?"}]}',
        '{"result": [{"IsError": false}, {"IsError": false}]}',
        '{"result": {"IsError": false}}',
        '{"result": [{"IsError": false, "ErrorMessage": {"value": 7}}]}',
        "null",
        "<html>",
    ],
)
def test_an_answer_of_another_shape_is_no_answer(client, sim, body):
    sim.faults.add(Fault(FaultKind.REPLACED, body=body))
    with pytest.raises(TransientError):
        client.query(sql.listing("warehouse"))
    with pytest.raises(OutcomeUnknown):
        client.write("CariKaydetV2", {"cariler": []}, date(2026, 3, 10))


@pytest.mark.parametrize(
    "data", ["null", '""', "{}", "[{}]", '[{"SQLResult1": null}]', '[{"SQLResult1": [5]}]', "[{}, {}]", "17"]
)
def test_an_answer_without_rows_is_never_taken_for_an_empty_one(client, sim, data):
    answer = f'{{"result": [{{"StatusCode": 200, "ErrorMessage": "", "IsError": false, "Data": {data}}}]}}'
    sim.faults.add(Fault(FaultKind.REPLACED, body=answer))
    with pytest.raises(TransientError) as error:
        client.query(sql.listing("warehouse"))
    assert error.value.code == "mikro.answer"


@pytest.mark.parametrize("empty_rows", [True, False])
def test_no_rows_are_told_in_two_ways(start, connect, empty_rows):
    client = Client(connect(start(empty_rows=empty_rows)))
    assert client.query(sql.party_by_code(client.config, "YOK")) == []
    assert client.count(sql.count_by_key(client.config, Document.INVOICE, "0" * 16)) == 0


def test_counting_nothing_is_not_zero(client, sim):
    empty = '{"result": [{"IsError": false, "Data": [{"SQLResult1": []}]}]}'
    sim.faults.add(Fault(FaultKind.REPLACED, body=empty))
    with pytest.raises(TransientError):
        client.count(sql.count_by_key(client.config, Document.INVOICE, "0" * 16))


def test_a_single_object_is_read_like_a_list_of_one(client, sim):
    body = '{"result": [{"IsError": false, "Data": {"SQLResult1": [{"kod": 1, "ad": "Merkez"}]}}]}'
    sim.faults.add(Fault(FaultKind.REPLACED, body=body))
    assert client.query(sql.listing("warehouse")) == [{"kod": 1, "ad": "Merkez"}]


def test_quotes_stay_inside_their_literal(client):
    assert client.query(sql.party_by_code(client.config, "x' OR '1'='1")) == []


def test_the_plan_of_a_dry_run_shows_neither_key_nor_hash(sim, connect, book, make_key):
    from kopru.hooks.dry_run import PlannedRequest

    dry = connect(sim, dry_run=True)
    with pytest.raises(PlannedRequest) as planned:
        plugin.post_invoice(dry, make_key("a"), book())
    shown = str(planned.value.call)
    assert planned.value.call.url.endswith("FaturaKaydetV2")
    assert sim.api_key not in shown
    assert daily_hash(sim.password, date(2026, 3, 10)) not in shown
    assert not sim.truth.of("invoice.posted")
