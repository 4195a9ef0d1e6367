"""Refresh tokens that work once: one process at a time uses them, and no kill leaves a login that is lost."""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from kopru.flows import logins
from kopru.flows.connections import add_connection, call, check_connection, open_connection
from kopru.flows.env import Cache, Lease, Work
from kopru.flows.logins import FORMER, TOKEN, credentials_json, credentials_of
from kopru.flows.records import ConnectionState, NewJob
from kopru.hooks import ports
from kopru.hooks.errors import AuthError, RateLimited
from kopru.hooks.types import Credentials
from kopru.testing.faults import Fault, FaultKind

PROGRAM = Path(__file__).parent / "programs" / "rotating.py"
_SPEC = importlib.util.spec_from_file_location("rotating", PROGRAM)
rotating = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(rotating)


class Account:
    """One connection to a remote with rotating tokens, seen from this process and from others."""

    def __init__(self, engine, admin, remote, password):
        self.engine, self.admin, self.remote = engine, admin, remote
        env = replace(engine.env, registry=rotating.registry(), cache=Cache())
        self.tenant = engine.store.add_tenant(f"t-{uuid4().hex[:12]}")
        self.work = Work(env, self.tenant, {}, Lease(None), actor="test")
        engine.store.allow("rotating")
        with self.work.write() as uow:
            uow.settings.enable("rotating")
        self.row = add_connection(self.work, "shop", "rotating", {**remote.config(), "password": password})
        with self.work.write() as uow:
            uow.connections.set_state(self.row.id, ConnectionState.ACTIVE)
        self.give("r0")

    def give(self, refresh, *, minutes=-1, place=TOKEN):
        """Store what a person or another process logged in with; by default the access token is over."""
        until = datetime.now(UTC) + timedelta(minutes=minutes)
        held = Credentials(SecretStr(f"of-{refresh}"), until, SecretStr(refresh))
        with self.work.write() as uow:
            uow.connections.put_secrets(self.row.id, {place: credentials_json(held)})
        self.work.env.cache._held.clear()

    def stored(self, place=TOKEN):
        with self.work.read() as uow:
            return credentials_of(uow.connections.secrets(self.row.id).get(place))

    @property
    def state(self):
        with self.work.read() as uow:
            return uow.connections.get(self.row.id).state

    def use(self):
        return call(
            self.work,
            self.row.id,
            lambda opened: opened.use(ports.ChecksConnection).check_connection(opened.ctx),
        )

    def pass_time(self, seconds):
        with self.admin.begin() as db:
            db.exec_driver_sql(
                "update connection set refreshing_until = refreshing_until - make_interval(secs => %s)"
                " where id = %s",
                (seconds, self.row.id),
            )
        self.work.env.cache._held.clear()

    def process(self, when="never"):
        settings, endpoints = self.engine.settings, self.engine.endpoints
        arguments = (endpoints.database_url, settings.master_key.get_secret_value(), self.tenant, self.row.id)
        return subprocess.Popen(
            [sys.executable, str(PROGRAM), *map(str, arguments), when],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def account(engine, admin):
    made = []

    def connect(*, password="", **options):
        remote = rotating.RotatingSimulator(**options)
        remote.start()
        made.append(remote)
        return Account(engine, admin, remote, password)

    yield connect
    for remote in made:
        remote.stop()
        assert remote.bugs == []


def run_all(*processes):
    """Let processes go at the same time; return what each printed and how it ended."""
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return [(process.communicate(timeout=60)[0].strip(), process.returncode) for process in processes]


def test_of_several_processes_one_renews_and_all_use_what_it_got(account):
    here = account()
    here.remote.faults.add(Fault(FaultKind.LATENCY, method="POST", path="/token", seconds=0.4))
    ends = run_all(*(here.process() for _ in range(3)))
    assert ends == [("access-token-1", 0)] * 3
    assert (here.remote.logins, here.remote.reused) == (1, 0)
    assert here.stored().refresh_token.get_secret_value() == "refresh-token-1"


@pytest.mark.parametrize(
    ("patient", "password", "way"),
    [(True, "", "access-token-2"), (False, "right", "access-token-2")],
    ids=["the remote takes the old token again", "the settings hold a login"],
)
def test_a_kill_before_the_new_token_is_stored(account, patient, password, way):
    """The remote has answered, nobody stored it. The token in use is still there, and the login works again."""
    here = account(patient=patient, password=password)
    ((_, code),) = run_all(here.process("before_storing"))
    assert code == 9
    assert here.remote.logins == 1 and here.stored().refresh_token.get_secret_value() == "r0"
    with pytest.raises(RateLimited):
        open_connection(here.work, here.row.id)
    here.pass_time(logins.REFRESH_CLAIM + 1)
    assert here.use().ok
    assert here.stored().access_token.get_secret_value() == way
    assert here.state is ConnectionState.ACTIVE


def test_a_kill_after_the_new_token_is_stored(account):
    """It is used at once by whoever comes next, although the dead process still holds the claim."""
    here = account()
    ((_, code),) = run_all(here.process("after_storing"))
    assert code == 9
    assert here.use().ok
    assert here.remote.logins == 1
    assert here.stored(FORMER).refresh_token.get_secret_value() == "r0", "the old one is there still"


def test_the_former_token_is_used_when_the_present_one_is_refused(account):
    """As after a remote's own restore: it no longer knows the token it gave last."""
    here = account()
    assert here.use().ok
    here.remote.refresh = {"r0": True}
    here.remote.access.clear()
    assert here.use().ok
    assert here.remote.reused == 0
    assert here.stored().access_token.get_secret_value() == "access-token-2"


def test_a_token_another_process_renewed_long_ago_is_the_one_that_is_used(account):
    """What this process still remembers was replaced; it must not be presented again."""
    here = account(patient=False)
    opened = open_connection(here.work, here.row.id)
    here.remote.refresh = {"r0": False, "newer": True}
    here.give("newer")
    fresh = logins.renew(
        here.work,
        here.row.id,
        opened.ctx.credentials,
        lambda credentials: opened.use(ports.RefreshesCredentials).refresh_credentials(
            replace(opened.ctx, credentials=credentials)
        ),
    )
    assert fresh.access_token.get_secret_value() == "access-token-2"
    assert here.remote.reused == 0


def test_when_every_way_is_refused_the_connection_waits_for_a_person_and_goes_on_by_itself(account):
    here = account(patient=False, password="wrong")
    here.remote.refresh["r0"] = False
    with pytest.raises(AuthError):
        here.use()
    assert here.state is ConnectionState.NEEDS_REAUTH
    tried = here.remote.logins
    for _ in range(3):
        with pytest.raises(AuthError):
            here.use()
    assert here.remote.logins == tried <= 3, "a refused login is not tried over and over"
    with here.work.write() as uow:
        uow.jobs.add(NewJob("orders.pull", {}, "pull", connection_id=here.row.id, plugin="rotating"))
        uow.db.exec_driver_sql("update job set state = 'parked' where tenant_id = %s", (here.tenant,))
    add_connection(here.work, "shop", "rotating", {"password": "right"})
    assert here.stored() is None and here.stored(FORMER) is None, "old sessions end with the old settings"
    assert check_connection(here.work, here.row.id).ok
    assert here.state is ConnectionState.ACTIVE
    with here.work.read() as uow:
        assert {job.state for job in uow.jobs.recent() if job.kind == "orders.pull"} == {"queued"}


def test_without_a_refresh_token_a_wrong_password_is_tried_once(account):
    here = account(password="wrong")
    with here.work.write() as uow:
        uow.connections.put_secrets(here.row.id, {TOKEN: "", FORMER: ""})
    with pytest.raises(AuthError):
        here.use()
    assert here.remote.logins == 1


def test_a_login_has_less_time_than_its_claim_lasts(account, monkeypatch):
    """However long the call may take that needs it: two never log in at the same time."""
    here, left = account(), []
    grant = rotating.auth.refresh_grant
    monkeypatch.setattr(
        rotating.auth, "refresh_grant", lambda ctx, path: left.append(ctx.remaining()) or grant(ctx, path)
    )
    opened = open_connection(here.work, here.row.id, seconds=600)
    assert len(left) == 1 and left[0] <= logins.REFRESH_SECONDS < logins.REFRESH_CLAIM
    assert opened.ctx.remaining() > 500


def test_a_refused_login_gives_its_claim_back(account):
    here = account(patient=False)
    here.remote.refresh["r0"] = False
    with pytest.raises(AuthError):
        open_connection(here.work, here.row.id)
    with here.work.read() as uow:
        assert uow.connections.claim_refresh(here.row.id, 1)
