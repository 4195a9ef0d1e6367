"""Two companies with two connections each, all with the same remote ids: at no hook does one see another's.

Every hook has a case below. A new hook fails ``test_every_hook_has_a_case`` until somebody says with what it is
called, and what becomes of its answer in the database.
"""

import inspect
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, SecretStr

from kopru.documents import effect_key, subject_key
from kopru.documents.identity import stored_key
from kopru.flows.catalogue import pull_items
from kopru.flows.connections import add_connection, call, check_connection
from kopru.flows.effects import Post, post
from kopru.flows.env import Cache, Lease, Work
from kopru.flows.logins import TOKEN
from kopru.flows.orders import parse, pull_products
from kopru.flows.preparing import look_up
from kopru.flows.records import ConnectionState, EffectState, new_effect
from kopru.flows.stock import _read_levels
from kopru.hooks import ports
from kopru.hooks.errors import RateLimited
from kopru.hooks.specs import KopruSpecs
from kopru.jobs.handlers import HANDLERS
from kopru.model import (
    ExternalRef,
    IncomingInvoice,
    InvoiceKind,
    Mailbox,
    Product,
    Profile,
    Recipient,
    Return,
    ReturnLine,
    ReturnStatus,
    StockLevel,
    TaxId,
    TaxScheme,
    Text,
)
from kopru.registry import Registry
from kopru.registry.discovery import SPEC_NAMES, examine
from kopru.sdk import (
    Absent,
    CheckItem,
    CheckResult,
    Credentials,
    Echo,
    Manifest,
    Operation,
    Page,
    PluginKind,
    Quota,
    Raw,
    Receipt,
    ReceiptState,
    Record,
    Repeat,
    Stream,
    WebhookRequest,
    Window,
    Write,
    hookimpl,
)
from kopru.testing.contract.subject import PURE, STREAMS
from kopru.testing.samples import sample_order
from kopru.testing.simulator import Simulator, reply, route
from kopru.testing.world import make_world
from kopru.transport.limiter import LocalLimiter

NOW = datetime.now(UTC).replace(microsecond=0)
WINDOW = Window(NOW - timedelta(days=1), NOW)
NUMBER = TaxId(scheme=TaxScheme.VKN, value="9876543217")
REF = ExternalRef(kind="order", id="R1")
KEY = stored_key("the same everywhere")
ORDER = sample_order(make_world(1).orders[0]).model_copy(update={"ref": REF, "number": "N1"})
WORKS = Text(tr="Çalışıyor.", en="It works.")
ACCOUNTS = ("a1", "a2", "b1", "b2")
"""Two connections of company a, two of company b."""


class TwinConfig(BaseModel):
    """Settings of one of the four."""

    url: str
    marker: str
    key: SecretStr
    folder: str


@dataclass(frozen=True)
class Seen:
    """What one call of a hook saw of its connection."""

    marker: str
    connection: UUID
    token: str = ""
    remote: str = ""
    file: str = ""


# What each hook is called with besides its context; the same for all four.

ARGUMENTS = {
    "check_connection": (),
    "refresh_credentials": (),
    "fetch_definitions": (),
    "parse_webhook": (WebhookRequest(headers={}, body=b"R1"),),
    "fetch_orders": (None, WINDOW, 10),
    "fetch_order": (REF,),
    "parse_orders": (Raw(b"R1"),),
    "fetch_returns": (None, WINDOW, 10),
    "fetch_products": (None, WINDOW, 10),
    "fetch_stock": (None, ("R1",), 10),
    "fetch_parties": (None, WINDOW, 10),
    "fetch_inbox": (None, WINDOW, 10),
    "push_stock": (KEY, ("R1",)),
    "push_prices": (KEY, ("R1",)),
    "update_order_status": (KEY, "R1"),
    "fetch_label": (ORDER,),
    "upsert_party": (KEY, "R1"),
    "upsert_product": (KEY, "R1"),
    "post_order": (KEY, "R1"),
    "post_invoice": (KEY, "R1"),
    "cancel_document": (KEY, "R1"),
    "locate": (Operation.POST_INVOICE, KEY, REF),
    "fetch_receipts": (("R1",),),
    "fetch_refs": ("order", None, WINDOW, 10),
    "render_invoice": ("R1",),
    "validate_invoice": ("R1", NOW),
    "lookup_recipient": (NUMBER,),
    "submit_invoice": (KEY, "R1"),
    "fetch_document": (REF, "pdf", False),
    "map_line": ("R1",),
}


def twin(**typed):
    """A plugin with every hook. Those that are not given say what they saw."""
    body = {"manifest": MANIFEST}
    for hook in SPEC_NAMES:
        names = list(inspect.signature(getattr(KopruSpecs, hook)).parameters)[1:]
        source = f"def {hook}(self, {', '.join(names)}): return answer({hook!r}, {', '.join(names)})"
        scope = {"answer": lambda hook, first, *rest: typed.get(hook, see)(hook, first, *rest)}
        exec(source, scope)
        body[hook] = hookimpl(scope[hook])
    return type("Twin", (), body)()


MANIFEST = Manifest(
    name="twin",
    kind=PluginKind.SHOP,
    title=Text(tr="İkiz", en="Twin"),
    version="1",
    config=TwinConfig,
    streams={hook: Stream(largest_page=10) for hook in STREAMS},
    writes={operation: Write(Repeat.QUERY_BY_REF) for operation in Operation},
    quotas=(Quota("calls", 2, timedelta(minutes=1), path=r"^/limited"),),
    base_url=lambda config: config.url,
    local_network=lambda config: True,
    folder=lambda config: config.folder,
    formats=((InvoiceKind.SALE, Profile.BASIC),),
    profiles=(Profile.BASIC,),
    documents=(InvoiceKind.SALE,),
)


def log_in(hook, ctx):
    remote = asked(ctx, hook)
    return Credentials(SecretStr(f"token of {remote}"), NOW + timedelta(days=1))


def see(hook, first, *rest):
    """Look at everything a hook may look at, always under the same name."""
    if hook in PURE:
        return Seen(first.marker, UUID(int=0))
    file = first.files.read("R1.txt").decode()
    token = first.credentials.access_token.get_secret_value()
    return Seen(first.config.marker, first.connection.id, token, asked(first, hook), file)


def asked(ctx, hook, path="do"):
    headers = {"x-key": ctx.config.key.get_secret_value()}
    if ctx.credentials is not None:
        headers["authorization"] = ctx.credentials.access_token.get_secret_value()
    answer = ctx.http.request("POST", f"/{path}/{hook}/R1", json={}, headers=headers)
    return answer.json()["marker"]


class TwinSimulator(Simulator):
    """One server for all four; the key alone says whose record R1 is meant."""

    name = "twin"

    def __init__(self, **options):
        super().__init__(**options)
        self.said = []

    def config(self):
        return {"url": self.url}

    def load(self, world):
        pass

    def held(self, operation):
        return []

    @route("POST", r"/(do|limited)/(?P<hook>\w+)/R1")
    def answer(self, request, hook):
        key = request.headers["x-key"]
        with self.lock:
            self.said.append((hook, key, request.headers.get("authorization", "")))
        return reply({"marker": key.removeprefix("key of ")})


@dataclass
class Account:
    """One of the four connections."""

    marker: str
    env: object
    tenant: UUID
    row: object = None

    def work(self, **args):
        given = {"connection": str(self.row.id), **args} if self.row else args
        return Work(self.env, self.tenant, given, Lease(None), actor="test")

    def call(self, hook, *arguments):
        """Call one hook as the flows do; pure hooks get the settings."""
        port = PORTS[hook]

        def use(opened):
            first = opened.ctx.config if hook in PURE else opened.ctx
            return getattr(opened.use(port), hook)(first, *arguments)

        return call(self.work(), self.row.id, use)

    def ask(self, question):
        with self.work().read() as uow:
            return question(uow, self.row.id)


PORTS = {
    name: port
    for port in vars(ports).values()
    if isinstance(port, type) and port.__module__ == ports.__name__
    for name in vars(port)
    if name in SPEC_NAMES
}


@pytest.fixture
def four(engine, tmp_path):
    """Makes two companies with two connections each; names of connections are the same at both."""
    remote = TwinSimulator()
    remote.start()

    def make(plugin, limiter=None):
        env = replace(
            engine.env,
            registry=Registry([examine("twin", "tests", plugin)]),
            cache=Cache(seconds=60),
            limiter=limiter or engine.env.limiter,
        )
        engine.store.allow("twin")
        tenants = {name: engine.store.add_tenant(f"t-{name}-{uuid4().hex[:10]}") for name in "ab"}
        return {marker: connected(Account(marker, env, tenants[marker[0]])) for marker in ACCOUNTS}

    def connected(account):
        folder = tmp_path / account.marker
        folder.mkdir()
        (folder / "R1.txt").write_text(account.marker)
        with account.work().write() as uow:
            uow.settings.enable("twin")
        values = {"marker": account.marker, "key": f"key of {account.marker}", "folder": str(folder)}
        name = {"1": "shop", "2": "second"}[account.marker[1]]
        since = NOW - timedelta(days=2)
        account.row = add_connection(account.work(), name, "twin", values | remote.config(), since=since)
        with account.work().write() as uow:
            uow.connections.set_state(account.row.id, ConnectionState.ACTIVE)
        account.env.cache.forget(("connection", account.tenant, account.row.id))
        return account

    yield make
    remote.stop()
    assert remote.bugs == []
    for hook, key, token in remote.said:
        assert token in ("", f"token of {key.removeprefix('key of ')}"), (hook, key, token)


def at_the_same_time(accounts, act, times=3):
    """Do something for all four at once, several times; return what came out for each."""
    start = threading.Barrier(len(accounts))

    def run(account):
        start.wait(20)
        return [act(account) for _ in range(times)]

    with ThreadPoolExecutor(len(accounts)) as pool:
        return dict(zip(accounts, pool.map(run, accounts.values()), strict=True))


# What a hook sees


def test_every_hook_has_a_case():
    assert set(ARGUMENTS) == SPEC_NAMES, "say with what the hook is called"
    assert set(PORTS) == SPEC_NAMES
    assert set(STORED) | set(WRITES) | set(KEPT_NOWHERE) == SPEC_NAMES, "say what becomes of its answer"
    counted = Counter([*STORED, *WRITES, *KEPT_NOWHERE])
    assert max(counted.values()) == 1


@pytest.mark.parametrize("hook", sorted(SPEC_NAMES - {"refresh_credentials"}))
def test_a_hook_sees_its_own_connection_only(four, hook):
    accounts = four(twin(refresh_credentials=log_in))
    seen = at_the_same_time(accounts, lambda account: account.call(hook, *ARGUMENTS[hook]))
    for marker, account in accounts.items():
        pure = Seen(marker, UUID(int=0))
        whole = Seen(marker, account.row.id, f"token of {marker}", marker, marker)
        assert set(seen[marker]) == {pure if hook in PURE else whole}


def test_a_quota_of_a_connection_is_its_own(four):
    """The same plugin, the same server, the same path: what one has used up, another has not."""

    def limited(hook, ctx):
        return Seen(asked(ctx, hook, "limited"), ctx.connection.id)

    accounts = four(twin(refresh_credentials=log_in, fetch_definitions=limited), LocalLimiter())
    for marker, account in accounts.items():
        assert account.call("fetch_definitions").marker == marker
        with pytest.raises(RateLimited):
            account.call("fetch_definitions")


def test_a_quota_of_an_account_is_shared_by_its_connections(four):
    """Two connections of company a log in to one account; company b has another one at the same server."""

    def limited(hook, ctx):
        return Seen(asked(ctx, hook, "limited"), ctx.connection.id)

    plugin = twin(refresh_credentials=log_in, fetch_definitions=limited)
    shared = tuple(replace(quota, scope="account") for quota in MANIFEST.quotas)
    accounted = {"manifest": replace(MANIFEST, quotas=shared, account_of=lambda config: config.marker[0])}
    accounts = four(type("Shared", (type(plugin),), accounted)(), LocalLimiter())
    accounts["a1"].call("fetch_definitions")
    with pytest.raises(RateLimited):
        accounts["a2"].call("fetch_definitions")
    assert accounts["b1"].call("fetch_definitions").marker == "b1"
    with pytest.raises(RateLimited):
        accounts["b2"].call("fetch_definitions")


# What becomes of the answers


def page(value, id="R1"):
    return Page((Record(id, Raw(value.model_dump_json().encode()), value),))


def order_of(config):
    return ORDER.model_copy(update={"note": config.marker})


def fetched_order(hook, ctx, *rest):
    value = order_of(ctx.config)
    return Record("R1", Raw(value.model_dump_json().encode()), value)


def fetched_orders(hook, ctx, *rest):
    return page(order_of(ctx.config))


def parsed_orders(hook, config, raw):
    return (Record("R1", raw, order_of(config)),)


def fetched_returns(hook, ctx, *rest):
    line = ReturnLine(id="1", order_line_id="1", quantity=Decimal(1), status=ReturnStatus.REQUESTED)
    value = Return(
        ref=ExternalRef(kind="return", id="R1"),
        revision="1",
        order_number="N1",
        created_at=NOW,
        modified_at=NOW,
        lines=(line,),
        tracking_number=ctx.config.marker,
    )
    return page(value)


def fetched_products(hook, ctx, *rest):
    ref = ExternalRef(kind="product", id="R1")
    return page(
        Product(ref=ref, revision="1", code=f"C-{ctx.config.marker}", name="Ürün", barcodes=(), unit="C62")
    )


def fetched_stock(hook, ctx, *rest):
    level = StockLevel(item_code="R1", warehouse="1", on_hand=AMOUNTS[ctx.config.marker], as_of=NOW)
    return page(level)


def fetched_inbox(hook, ctx, *rest):
    value = IncomingInvoice(
        id=UUID(int=7),
        number="ABC2026000000001",
        kind="SATIS",
        profile="TEMELFATURA",
        issue_date=date(2026, 1, 1),
        sender_tax_number=NUMBER.value,
        sender_name=ctx.config.marker,
        currency="TRY",
        payable=Decimal(1),
        received_at=NOW,
    )
    return page(value, str(value.id))


def recipient(hook, ctx, tax_id):
    alias = f"urn:mail:{ctx.config.marker}@example.com"
    return Recipient(tax_id=tax_id, mailboxes=(Mailbox(alias=alias),))


def green(hook, ctx):
    return CheckResult((CheckItem(ctx.config.marker, True, WORKS),))


AMOUNTS = {marker: Decimal(n) for n, marker in enumerate(ACCOUNTS, start=1)}
TYPED = {
    "refresh_credentials": log_in,
    "check_connection": green,
    "fetch_order": fetched_order,
    "fetch_orders": fetched_orders,
    "parse_orders": parsed_orders,
    "fetch_returns": fetched_returns,
    "fetch_products": fetched_products,
    "fetch_stock": fetched_stock,
    "fetch_inbox": fetched_inbox,
    "lookup_recipient": recipient,
}


def run(kind, **args):
    return lambda account: HANDLERS[kind].run(account.work(**args))


def bodies(uow, connection):
    return [(row.external_id, row.body.note) for row in uow.orders.recent(connection_id=connection)]


def of_table(name, *columns):
    """Read the rows of one connection, past the repositories."""

    def read(uow, connection):
        text = f'select {", ".join(columns)} from "{name}" where connection_id = %s'
        return [tuple(row) for row in uow.db.exec_driver_sql(text, (connection,))]

    return read


STORED = {
    "refresh_credentials": (
        lambda account: call(account.work(), account.row.id, lambda opened: None),
        lambda uow, connection: [uow.connections.secrets(connection)[TOKEN].partition("token of ")[2][:2]],
        lambda marker: [marker],
    ),
    "check_connection": (
        lambda account: check_connection(account.work(), account.row.id),
        lambda uow, connection: [uow.connections.get(connection).config["marker"]],
        lambda marker: [marker],
    ),
    "fetch_orders": (run("orders.pull"), bodies, lambda marker: [("R1", marker)]),
    "fetch_order": (run("order.refetch", external_id="R1"), bodies, lambda marker: [("R1", marker)]),
    "parse_orders": (
        lambda account: (
            HANDLERS["orders.pull"].run(account.work())
            or parse(account.work(), account.row.id, Raw(b"R1"))[0].value.note == account.marker
            or pytest.fail("another's settings")
        ),
        bodies,
        lambda marker: [("R1", marker)],
    ),
    "fetch_returns": (
        run("returns.pull"),
        of_table("return", "external_id", "body->>'tracking_number'"),
        lambda marker: [("R1", marker)],
    ),
    "fetch_products": (
        lambda account: pull_products(account.work(), account.row.id),
        lambda uow, connection: [(id, sku) for id, sku, *_ in uow.stock.products(connection)],
        lambda marker: [("R1", f"C-{marker}")],
    ),
    "fetch_stock": (
        lambda account: _read_levels(account.work(), account.row.id),
        lambda uow, connection: uow.stock.on_hand(connection, ()),
        lambda marker: {"R1": AMOUNTS[marker]},
    ),
    "fetch_inbox": (
        run("inbox.pull"),
        of_table("inbox", "sender"),
        lambda marker: [(marker,)],
    ),
}
"""How each answer that is kept comes about, where it is kept, and what must stand there for a connection."""

KEPT_NOWHERE = {
    "parse_webhook": "an event leads to fetch_order; test_an_event_is_new_to_each_connection",
    "fetch_definitions": "shown to the person who asked",
    "fetch_parties": "used within one call",
    "fetch_label": "handed to the person who asked",
    "fetch_document": "archived under the hash of its bytes; storage/test_isolation has the archive",
    "fetch_refs": "compared within one job; storage/test_isolation has the counts",
    "locate": "decides about a write; test_a_write_is_one_connections_own",
    "fetch_receipts": "decides about a write; test_a_write_is_one_connections_own",
    "lookup_recipient": "kept per company, as it is no secret of an account; test_a_company_keeps_its_own_register",
    "map_line": "per company; storage/test_isolation has lines and rules",
    "render_invoice": "pure",
    "validate_invoice": "pure",
}


@pytest.mark.parametrize("hook", STORED)
def test_what_is_kept_is_kept_apart(four, hook):
    bring, read, expected = STORED[hook]
    accounts = four(twin(**TYPED))
    at_the_same_time(accounts, bring, times=2)
    for marker, account in accounts.items():
        assert account.ask(read) == expected(marker)


def test_items_of_a_company_are_its_own(four):
    """A ledger's items are the company's; another company with the same codes sees none of them."""
    accounts = four(twin(**TYPED))
    for marker in ("a1", "b1"):
        pull_items(accounts[marker].work(), accounts[marker].row.id)
    for marker in ("a1", "b1"):
        assert accounts[marker].ask(lambda uow, _: [row.code for row in uow.items.recent()]) == [
            f"C-{marker}"
        ]


def test_a_company_keeps_its_own_register(four):
    accounts = four(twin(**TYPED))
    for marker in ("a1", "b1"):
        account = accounts[marker]
        for _ in range(2):
            answer = look_up(account.work(), account.row, NUMBER)
            assert answer.mailboxes[0].alias == f"urn:mail:{marker}@example.com"


def test_an_event_is_new_to_each_connection(four):
    accounts = four(twin(**TYPED))
    for account in accounts.values():
        news = [
            account.ask(lambda uow, id: uow.connections.seen_webhook(id, "E1", "order", "R1")) for _ in "12"
        ]
        assert news == [True, False]


# Writes

WRITES = [operation.value for operation in Operation]


@pytest.mark.parametrize("operation", list(Operation))
def test_a_write_is_one_connections_own(four, operation):
    """The same subject, written through all four: each is sent once, and each answer is kept with its own."""
    sent = Counter()

    def write(hook, ctx, key, *rest):
        sent[ctx.config.marker, key.value] += 1
        return Receipt(ReceiptState.DONE, ExternalRef(kind="x", id="R1"), number=ctx.config.marker)

    accounts = four(twin(**TYPED, **{operation.value: write}, locate=lambda hook, ctx, *rest: Absent()))

    def post_it(account):
        key = effect_key(subject_key("subject", "R1"), operation, account.row.id)
        planned = new_effect(key.value, operation, account.row.id)
        with account.work().write() as uow:
            effect = uow.effects.plan(planned)
        hook = operation.value

        def send(opened, key):
            return getattr(opened.use(PORTS[hook]), hook)(opened.ctx, key, "R1")

        post(account.work(), effect, Post(key, send, "hash", Echo()))
        return key.value

    keys = {marker: set(made) for marker, made in at_the_same_time(accounts, post_it, times=1).items()}
    again = {marker: post_it(account) for marker, account in accounts.items()}
    for marker, account in accounts.items():
        (key,) = keys[marker]
        assert again[marker] == key
        kept = account.ask(lambda uow, _, key=key: uow.effects.by_key(key))
        assert (kept.state, kept.number, kept.connection_id) == (
            EffectState.CONFIRMED,
            marker,
            account.row.id,
        )
        assert sent[marker, key] == 1
        others = [other for other in ACCOUNTS if other != marker]
        assert not any(sent[other, key] for other in others)
    assert len({key for made in keys.values() for key in made}) == len(ACCOUNTS)
