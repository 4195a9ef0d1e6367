"""A made-up remote whose refresh tokens work once, its plugin, and a process that opens a connection to it:
``rotating.py DATABASE_URL MASTER_KEY TENANT CONNECTION WHEN_TO_DIE``.
"""

import os
import sys
import time
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr

from kopru.flows.connections import open_connection
from kopru.flows.env import Env, Lease, Work
from kopru.model import Text
from kopru.registry import Registry
from kopru.registry.discovery import examine
from kopru.sdk import CheckItem, CheckResult, Credentials, Manifest, PluginKind, RateLimited, hookimpl
from kopru.storage.repos.setup import Connections
from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Store, make_engine
from kopru.testing.simulator import Simulator, reply, route
from kopru.toolkit import auth
from kopru.transport.limiter import NoLimiter

WORKS = Text(tr="Çalışıyor.", en="It works.")


class RotatingConfig(BaseModel):
    """Where the remote is. Without a password a person has to log in once and gives a refresh token."""

    url: str
    password: SecretStr = Field(default=SecretStr(""))


class Rotating:
    """Logs in by refresh token as long as there is one, else by password."""

    manifest = Manifest(
        name="rotating",
        kind=PluginKind.SHOP,
        title=Text(tr="Dönen", en="Rotating"),
        version="1",
        config=RotatingConfig,
        base_url=lambda config: config.url,
        local_network=lambda config: True,
    )

    @hookimpl
    def refresh_credentials(self, ctx) -> Credentials:
        if ctx.credentials is not None and ctx.credentials.refresh_token is not None:
            return auth.refresh_grant(ctx, "/token")
        return auth.password_grant(ctx, "/token", user="user", password=ctx.config.password)

    @hookimpl
    def check_connection(self, ctx) -> CheckResult:
        ctx.http.request("GET", "/me", headers=auth.of_credentials(ctx.credentials))
        return CheckResult((CheckItem("account", True, WORKS),))


class RotatingSimulator(Simulator):
    """Gives a new pair of tokens for each refresh token, once.

    ``patient``: a refresh token works until the access token it brought is used for the first time, as
    remotes do that know of lost answers. ``reused`` counts refresh tokens that came again too late.
    """

    name = "rotating"

    def __init__(self, *, patient=True, password="right", **options):
        super().__init__(**options)
        self.patient, self.password = patient, password
        self.logins, self.reused, self.serial = 0, 0, 0
        self.refresh, self.access, self.spent = {"r0": True}, {}, {}

    def config(self):
        return {"url": self.url}

    def load(self, world):
        pass

    def held(self, operation):
        return []

    @route("POST", "/token")
    def token(self, request):
        with self.lock:
            form = request.form()
            self.logins += 1
            if form["grant_type"] == "password":
                return self.grant("") if form["password"] == self.password else self.refuse()
            given = form["refresh_token"]
            if not self.refresh.get(given):
                self.reused += given in self.refresh
                return self.refuse()
            if not self.patient:
                self.refresh[given] = False
            return self.grant(given)

    def grant(self, replaced):
        self.serial += 1
        access, refresh = f"access-token-{self.serial}", f"refresh-token-{self.serial}"
        self.access[access] = replaced
        self.refresh[refresh] = True
        return reply({"access_token": access, "refresh_token": refresh, "expires_in": 3600})

    def refuse(self):
        return reply({"error": "invalid_grant"}, 400)

    @route("GET", "/me")
    def me(self, request):
        with self.lock:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if token not in self.access:
                return reply({}, 401)
            self.refresh[self.access[token]] = False
            return reply({"name": "test"})


def registry():
    return Registry([examine("rotating", "tests", Rotating())])


def tell(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def die(*_):
    os._exit(9)


def main(database_url, master_key, tenant, connection, when):
    store = Store(make_engine(database_url), KeyRing(MasterKey.from_text(master_key)))
    work = Work(
        Env(store=store, registry=registry(), limiter=NoLimiter()),
        UUID(tenant),
        {},
        Lease(None),
        actor="test",
    )
    if when == "before_storing":
        Connections.put_secrets = die
    elif when == "after_storing":
        Connections.release_refresh = die
    tell("ready")
    sys.stdin.readline()
    while True:
        try:
            opened = open_connection(work, UUID(connection))
            break
        except RateLimited:
            time.sleep(0.05)
    tell(opened.ctx.credentials.access_token.get_secret_value())


if __name__ == "__main__":
    main(*sys.argv[1:])
