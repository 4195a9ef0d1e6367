"""What a hook gets is composed from manifest and config."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, SecretStr

from kopru.hooks import manifest as m
from kopru.hooks.errors import ConfigError
from kopru.hooks.io import Files, Http
from kopru.hooks.types import ConnectionInfo, Credentials
from kopru.model import Text
from kopru.transport.context import make_ctx, quota_scopes
from kopru.transport.errors import LeaseLost, PlannedRequest

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CONNECTION = ConnectionInfo(UUID(int=7), "Mağaza", "demo")


class Config(BaseModel):
    url: str = "https://shop.example"
    local: bool = False
    verify: bool = True
    inbox: str = ""
    key: SecretStr = SecretStr("canary-key")


def manifest(**facts: object) -> m.Manifest:
    return m.Manifest(
        name="demo", kind=m.PluginKind.SHOP, title=Text(tr="d", en="d"), version="1", config=Config, **facts
    )


FULL = manifest(
    base_url=lambda config: config.url,
    local_network=lambda config: config.local,
    verify_tls=lambda config: config.verify,
    folder=lambda config: config.inbox,
    quotas=(m.Quota("all", 1, timedelta(seconds=1)),),
)


def ctx_of(config: Config, facts: m.Manifest = FULL, **options):
    return make_ctx(facts, CONNECTION, config, now=lambda: NOW, remaining=lambda: 60.0, **options)


def test_a_hook_calls_its_server(serve, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200, b'{"a": 1}')))
    ctx = ctx_of(Config(url=server.url + "/api", local=True))
    http: Http = ctx.http
    assert http.request("GET", "x").json() == {"a": 1}
    assert server.requests[0].target == "/api/x"
    assert (ctx.now(), ctx.remaining(), ctx.connection, ctx.dry_run) == (NOW, 60.0, CONNECTION, False)


def test_without_the_local_mark_a_private_server_is_refused(serve, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200)))
    for facts in (FULL, manifest(base_url=lambda config: config.url)):
        with pytest.raises(ConfigError):
            ctx_of(Config(url=server.url), facts).http.request("GET", "x")
    assert server.connections == 0


def test_tls_checks_follow_the_config(serve, scripts, certificate) -> None:
    server = serve(scripts.answering(scripts.status(200)), tls=certificate.server)
    url = f"https://127.0.0.1:{server.port}"
    with pytest.raises(ConfigError) as caught:
        ctx_of(Config(url=url, local=True)).http.request("GET", "x")
    assert caught.value.code == "http.tls"
    assert ctx_of(Config(url=url, local=True, verify=False)).http.request("GET", "x").status == 200


def test_secrets_of_config_and_credentials_are_known(serve, scripts) -> None:
    class Recorder:
        def record(self, exchange) -> None:
            self.exchange = exchange

    recorder = Recorder()
    server = serve(scripts.answering(scripts.status(200, b"canary-key canary-token")))
    ctx = ctx_of(
        Config(url=server.url, local=True),
        credentials=Credentials(SecretStr("canary-token")),
        recorder=recorder,
    )
    ctx.http.request("GET", "x", params={"q": "canary-key"})
    assert "canary" not in repr(recorder.exchange)
    assert recorder.exchange.connection == CONNECTION.id


def test_quotas_reach_the_limiter(serve, scripts) -> None:
    class Limiter:
        def acquire(self, scope: str, quota: m.Quota) -> None:
            self.taken = (scope, quota.name)

        def penalize(self, scope: str, quota: m.Quota, retry_after: float | None) -> None:
            raise AssertionError

    limiter = Limiter()
    server = serve(scripts.answering(scripts.status(200)))
    ctx_of(Config(url=server.url, local=True), limiter=limiter).http.request("GET", "x")
    assert limiter.taken == (f"connection:{CONNECTION.id}", "all")


def test_a_dry_run_and_a_lost_lease_stop_network_and_folder(serve, scripts, tmp_path: Path) -> None:
    class Guard:
        def before_write(self) -> None:
            raise LeaseLost

    server = serve(scripts.answering(scripts.status(200)))
    config = Config(url=server.url, local=True, inbox=str(tmp_path))
    for options, stop in (({"dry_run": True}, PlannedRequest), ({"guard": Guard()}, LeaseLost)):
        ctx = ctx_of(config, **options)
        with pytest.raises(stop):
            ctx.http.request("POST", "x", json={})
        with pytest.raises(stop):
            ctx.files.write("a", b"1")
    assert server.requests == []
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_the_config(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(b"x")
    folder: Files = ctx_of(Config(inbox=str(tmp_path))).files
    assert folder.list() == ("orders.csv",)


def test_a_plugin_without_address_or_folder_is_told_so() -> None:
    ctx = ctx_of(Config(), manifest())
    with pytest.raises(ConfigError) as http:
        ctx.http.request("GET", "x")
    with pytest.raises(ConfigError) as folder:
        ctx.files.list()
    assert (http.value.code, folder.value.code) == ("http.address_missing", "files.folder_missing")


def test_the_log_hides_secrets() -> None:
    lines: list[object] = []

    class Log:
        def info(self, event: str, **fields: object) -> None:
            lines.append((event, fields))

        debug = warning = info

    ctx = ctx_of(Config(), log=Log())
    ctx.log.info("key canary-key", value="canary-key")
    assert lines == [("key [secret]", {"value": "[secret]"})]
    ctx_of(Config()).log.warning("nowhere", a=1)


def test_quota_scopes() -> None:
    alone = quota_scopes(CONNECTION)
    shared = quota_scopes(CONNECTION, "seller-5")
    other = quota_scopes(ConnectionInfo(UUID(int=8), "Depo", "demo"), "seller-5")
    assert shared["account"] == other["account"] == "account:demo/seller-5"
    assert shared["connection"] != other["connection"]
    assert alone["account"] != shared["account"]


@pytest.mark.parametrize(("one", "other", "shared"), [("a", "a", True), ("a", "b", False), ("", "", False)])
def test_connections_to_one_account_share_its_quota(one: str, other: str, shared: bool) -> None:
    facts = manifest(
        base_url=lambda config: config.url,
        quotas=(m.Quota("all", 1, timedelta(seconds=1), scope="account"),),
        account_of=lambda config: config.inbox,
    )
    scopes = []
    for account in (one, other):
        info = ConnectionInfo(id=uuid4(), name="x", plugin="demo")
        ctx = make_ctx(
            facts,
            info,
            Config(url="https://shop.test", inbox=account),
            now=lambda: NOW,
            remaining=lambda: 60.0,
        )
        scopes.append(ctx.http.scope_of(facts.quotas[0]))
    assert (scopes[0] == scopes[1]) is shared
    assert not any(
        account and scope.endswith(f"/{account}") for account, scope in zip((one, other), scopes, strict=True)
    )
