"""One installation in which a made-up person trades while every remote fails and repeats what it was sent.

The tests of this folder look at what is left of that story, and go on in the same installation.
"""

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from kopru.cli import app
from kopru.documents import ISTANBUL
from kopru.runtime.host import RuntimeHost
from kopru.runtime.rehearsal import tenant_file
from kopru.runtime.servers import connect, down
from kopru.settings import Settings
from kopru.testing.simulator import SimResponse
from kopru.testing.world import WorldLine, WorldOrder, make_world
from kopru.toolkit.taxnumbers import tckn_check_digits, vkn_check_digit

SECRETS = {
    "trendyol key": "knr1-AnahtarTrendyol+/=",
    "trendyol secret": "knr2-GizliTrendyol:ş&",
    "trendyol webhook": "knr3-WebhookAnahtari<x>",
    "nilvera key": "knr4.NilveraAnahtari.Ek",
    "logo password": "knr5-LogoParolasi'ğ\\1",
    "logo client": "knr6-LogoIstemci%20",
}
PERSON = {
    "first name": "Sakakuşu",
    "last name": "Ötücügillioğlu",
    "TCKN": f"987654321{tckn_check_digits('987654321')}",
    "VKN": f"987612345{vkn_check_digit('987612345')}",
    "phone": "0532 777 66 55",
    "mail": "saka.kusu@kafes.example",
    "street": "Kuşkafesi Sokağı No:777",
}
TELLING = ("TCKN", "VKN", "phone", "mail")
"""What is recognised wherever it stands; names and streets are recognised where a field names them, and where
the request or the order at hand tells what they are."""
TEMPLATE = "{0.__class__} {x!r} %(y)s {}"
"""What would break, or tell more than it should, where a remote's words are taken for a template."""


def _words(request):
    """A sentence of a vendor: what can be known anywhere, and what the request itself told."""
    told = request.body.decode("utf-8", "replace")
    values = [value for name, value in PERSON.items() if name in TELLING or value in told]
    return f"Kabul edilmedi: {', '.join(values)} ({request.headers.get('authorization')}) {TEMPLATE}"


def _dump(request):
    lines = [
        f"{request.method} {request.path}",
        *(f"{name}: {value}" for name, value in request.headers.items()),
    ]
    return "\n".join([*lines, "", request.body.decode("utf-8", "replace")])


def _json(request, status):
    """Every vendor's error body in one, with the request inside as an object and as JSON in a string."""
    words, body = _words(request), request.body.decode("utf-8", "replace")
    data = {
        "message": words,
        "errors": [{"key": "refused", "message": words}],
        "Message": words,
        "Errors": [{"Code": 99, "Description": words, "Detail": body[:300]}],
        "ModelState": {"ValError0": [words]},
        "error": "invalid_grant",
        "error_description": words,
        "request": {"headers": dict(request.headers), "query": dict(request.query), "body": body},
    }
    return _answer(status, json.dumps(data, ensure_ascii=False), "application/json")


def _text(request, status):
    return _answer(status, f"{_words(request)}\n{_dump(request)}", "text/plain")


def _html(request, status):
    return _answer(status, f"<html><pre>{escape(_words(request) + _dump(request))}</pre></html>", "text/html")


def _answer(status, body, kind):
    return SimResponse(status, body.encode(), {"content-type": f"{kind}; charset=utf-8"})


FORMS = {"json": _json, "text": _text, "html": _html}


@dataclass
class Echo:
    """Stands before a simulator and refuses some requests with an answer that repeats them."""

    handle: object
    rules: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    tokens: set = field(default_factory=set)

    def refuse(self, method, path, status, *, times=1, form="json"):
        self.rules.append([method, re.compile(path), status, times, form])

    @property
    def waiting(self):
        """The rules that did not strike as often as they should."""
        return [rule for rule in self.rules if rule[3]]

    def stop(self):
        self.rules.clear()

    def __call__(self, request):
        for rule in self.rules:
            method, path, status, times, form = rule
            if times and method in ("*", request.method) and path.search(request.path):
                rule[3] -= 1
                self.refused.append((status, form))
                return FORMS[form](request, status)
        answer = self.handle(request)
        for name in (b"access_token", b"refresh_token"):
            self.tokens.update(each.decode() for each in re.findall(b'"%s": "([^"]+)"' % name, answer.body))
        return answer


@contextmanager
def passable_folder():
    """A folder that the account PostgreSQL runs as under root may enter."""
    folder = Path(tempfile.mkdtemp(prefix="kopru-test-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@dataclass
class Installation:
    """``kopru up`` in processes of its own, and the commands of an operator."""

    folder: Path
    port: int = field(default_factory=free_port)
    said: dict = field(default_factory=dict)

    @property
    def environment(self):
        home = {"HOME": str(self.folder), "KOPRU_HOME": str(self.folder / "home")}
        return {**home, "KOPRU_LOG_LEVEL": "debug", "KOPRU_WORKERS": "1", "KOPRU_WEB_PORT": str(self.port)}

    @property
    def settings(self):
        return Settings.from_environment(self.environment)

    @property
    def log(self):
        return self.folder / "up.log"

    @contextmanager
    def running(self):
        command = [sys.executable, "-c", "from kopru.runtime import main; main()", "up"]
        inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        environment = {**inherited, **self.environment}
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        try:
            self.wait(lambda: self.log.read_bytes().count(b"child_started") >= 4, 180)
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
            down(self.settings)

    def wait(self, done, seconds):
        until = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < until, self.log.read_text("utf-8", "replace")[-3000:]
            time.sleep(0.2)

    def kopru(self, *words, ok=None, language="en", kept=True):
        """Run one command, and keep what it said."""
        host = RuntimeHost(self.settings.model_copy(update={"language": language}))
        result = CliRunner().invoke(app, list(words), obj=host)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        if ok is not None:
            assert (result.exit_code == 0) is ok, result.output
        if kept:
            self.said[f"{len(self.said)}: {' '.join(words[:3])}"] = result.output
        return result

    def json(self, *words, tenant="acme", **options):
        return json.loads(self.kopru(*words, "-t", tenant, "--json", ok=True, **options).stdout)

    @contextmanager
    def database(self):
        """The database as the owner of the cluster sees it."""
        with connect(self.settings) as endpoints:
            url = make_url(endpoints.database_url)
            with psycopg.connect(
                host=url.query["host"], user=url.username, dbname=url.database, autocommit=True
            ) as db:
                yield db


@dataclass
class Story:
    """What happened, and where to look for what is left of it."""

    at: Installation
    remotes: dict
    echoes: dict
    world: object
    orders: int = 0

    def place(self, buyer, quantity=1):
        """Let a buyer order at Trendyol."""
        self.orders += 1
        n, now = self.orders, datetime.now(UTC)
        order = WorldOrder(
            id=3_400_000_000 + n,
            number=str(10_900_000_000 + n),
            placed_at=now - timedelta(minutes=5),
            modified_at=now - timedelta(seconds=2),
            buyer=buyer,
            lines=(WorldLine(4_800_000_000 + n, self.world.items[0], quantity),),
            tracking_number=f"733{n:013d}",
        )
        self.remotes["trendyol"].add_order(order, status="Created")
        return order.number

    def drop(self, number, **cells):
        """Put a file with one order of the person into the folder of the shop that exports files."""
        row = {
            "Sipariş No": number,
            "Sipariş Tarihi": datetime.now(ISTANBUL).strftime("%d.%m.%Y %H:%M"),
            "Durum": "Kargoya Verildi",
            "Ad": PERSON["first name"],
            "Soyad": PERSON["last name"],
            "E-posta": PERSON["mail"],
            "Telefon": PERSON["phone"],
            "TC Kimlik No": PERSON["TCKN"],
            "Adres": PERSON["street"],
            "İlçe": "Kadıköy",
            "İl": "İstanbul",
            "Stok Kodu": self.world.items[0].code,
            "Ürün Adı": self.world.items[0].name,
            "Adet": "1",
            "Birim Fiyat": "100",
            "KDV Oranı": "20",
            "Para Birimi": "TRY",
            "Ödeme Yöntemi": "Kredi Kartı",
            "Kargo Firması": "Trendyol Express",
        } | cells
        text = ";".join(row) + "\n" + ";".join(row.values()) + "\n"
        (self.at.folder / "drop" / f"{number}.csv").write_text(text, encoding="utf-8")

    def rest(self):
        """Wait until the company's own processes have nothing to do but to look for news."""
        asked = (
            "select count(*) from job where state = 'running' or (kind in ('order.advance', 'document.book')"
            " and state = 'queued' and run_at < now() + interval '30 seconds')"
        )
        with self.at.database() as db:
            self.at.wait(lambda: db.execute(asked).fetchone() == (0,), 240)

    def states(self):
        return {row["number"]: row["state"] for row in self.at.json("orders", "list")}

    @property
    def secrets(self):
        """Every secret the installation was given or got."""
        tokens = set().union(*(echo.tokens for echo in self.echoes.values()))
        return {**SECRETS, **{f"session {n}": token for n, token in enumerate(sorted(tokens))}}


@pytest.fixture(scope="session")
def story():
    from kopru_logo.simulator import LogoSimulator
    from kopru_nilvera.simulator import NilveraSimulator
    from kopru_trendyol.simulator import TrendyolSimulator

    remotes = {
        "trendyol": TrendyolSimulator(api_key=SECRETS["trendyol key"], api_secret=SECRETS["trendyol secret"]),
        "nilvera": NilveraSimulator(),
        "logo": LogoSimulator(),
    }
    remotes["trendyol"].webhook_key = SECRETS["trendyol webhook"]
    remotes["nilvera"].api_key = SECRETS["nilvera key"]
    remotes["logo"].password, remotes["logo"].client_secret = SECRETS["logo password"], SECRETS["logo client"]
    world = make_world(0)
    world = replace(world, items=world.items[:3])
    with ExitStack() as stack:
        at = Installation(stack.enter_context(passable_folder()))
        echoes = {}
        for name, remote in remotes.items():
            stack.enter_context(remote)
            remote.load(world)
            echoes[name] = remote.handle = Echo(remote.handle)
        stack.enter_context(at.running())
        made = Story(at, remotes, echoes, world)
        _set_up(made)
        _trade(made)
        _look_around(made)
        yield made


def _set_up(story):
    at, kopru = story.at, story.at.kopru
    file = at.folder / "tenant.toml"
    file.write_text(tenant_file(story.world.seller), "utf-8")
    (at.folder / "drop").mkdir()
    kopru("tenant", "add", "acme", ok=True)
    for plugin in ("trendyol", "nilvera", "logo", "orderfile", "ubltr"):
        kopru("plugin", "allow", plugin, ok=True)
        kopru("plugin", "enable", plugin, "-t", "acme", ok=True)
    kopru("tenant", "apply", str(file), "-t", "acme", ok=True)
    since = (datetime.now(UTC) - timedelta(hours=2)).date().isoformat()
    for name, remote in story.remotes.items():
        sets = [
            f"{key}={value if isinstance(value, str) else json.dumps(value)}"
            for key, value in remote.config().items()
        ]
        options = [part for each in sets for part in ("--set", each)]
        kopru("connection", "add", name, "-t", "acme", "--no-ask", "--since", since, *options, ok=True)
        for status, form in ((401, "json"), (500, "text"), (400, "html")):
            story.echoes[name].refuse("*", ".", status, times=99, form=form)
            kopru("connection", "check", name, "-t", "acme", ok=False)
            story.echoes[name].stop()
        kopru("connection", "check", name, "-t", "acme", ok=True)
    folder = f"folder={at.folder / 'drop'}"
    kopru(
        *("connection", "add", "orderfile", "-t", "acme", "--no-ask"),
        *("--set", folder, "--set", "numbers=international"),
        ok=True,
    )
    story.drop("F-1")
    kopru("connection", "check", "orderfile", "-t", "acme", ok=True)
    kopru("items", "pull", "-t", "acme", ok=True)


def _trade(story):
    """Let some orders and a broken one come in; every kind of write is refused and lost on its way."""
    kopru, echoes = story.at.kopru, story.echoes
    person = replace(
        story.world.buyers[0],
        first_name=PERSON["first name"],
        last_name=PERSON["last name"],
        street=PERSON["street"],
        email=PERSON["mail"],
        aliases=(),
    )
    consumer = replace(person, company=False, name="", tax_number=PERSON["TCKN"])
    company = replace(
        person, company=True, name="Kafes Yem Ltd. Şti.", tax_number=PERSON["VKN"], tax_office="Kadıköy"
    )
    # Trendyol hands out a consumer's TCKN above 5,000 TRY only.
    orders = ((consumer, 100), (company, 1), (consumer, 101), (company, 2), (consumer, 102), (company, 3))
    numbers = [story.place(*each) for each in orders]
    story.drop("F-2", Adet="abc", **{"TC Kimlik No": f"{PERSON['TCKN'][:-1]}x"})
    for status, form in ((500, "json"), (401, "html")):
        echoes["trendyol"].refuse("GET", "orders", status, times=9, form=form)
        kopru("orders", "pull", "-t", "acme", "--now", "--connection", "trendyol", ok=False)
        echoes["trendyol"].stop()
    kopru("connection", "check", "trendyol", "-t", "acme", ok=True)
    for status, form in ((500, "json"), (400, "json")):
        echoes["nilvera"].refuse("POST", "Send", status, form=form)
        echoes["logo"].refuse("POST", "salesInvoices", status, form=form)
        echoes["trendyol"].refuse("POST", "invoice", status, form=form)
    echoes["nilvera"].refuse("POST", "Send", 500, form="text")
    echoes["logo"].refuse("POST", "Arps", 500, form="html")
    echoes["logo"].refuse("POST", "Arps", 400, form="json")
    kopru("orders", "pull", "-t", "acme", "--now", ok=True)
    until = time.monotonic() + 240
    while any(echo.waiting for echo in echoes.values()):
        assert time.monotonic() < until, [echo.rules for echo in echoes.values()]
        states = story.states()
        for number in (*numbers, "F-1"):
            if states.get(number) == "parked":
                _look_at(story, number)
                kopru("orders", "retry", number, "-t", "acme", ok=True)
        time.sleep(0.5)


def _look_at(story, number):
    """Look at an order that waits for a person, as that person would, in both languages."""
    story.at.kopru("orders", "show", number, "-t", "acme", language="tr")
    story.at.kopru("orders", "show", number, "-t", "acme", "--json")
    story.at.kopru("jobs", "list", "-t", "acme", "--json")


def _lists(story):
    for words in ("jobs list", "orders list", "documents list", "connection list"):
        for form in ((), ("--json",)):
            story.at.kopru(*words.split(), "-t", "acme", *form)


def _look_around(story):
    kopru = story.at.kopru
    _lists(story)
    for number in story.states():
        kopru("orders", "show", number, "-t", "acme", "--json")
        if number != "F-2":
            kopru("orders", "explain", number, "-t", "acme", ok=True)
    for row in story.at.json("documents", "list"):
        kopru("documents", "show", row["ettn"], "-t", "acme", ok=True)
        kopru("documents", "show", row["ettn"], "-t", "acme", "--json", ok=True)
    for row in story.at.json("jobs", "list"):
        if row["code"]:
            kopru("jobs", "show", str(row["id"]), "-t", "acme", "--json", ok=True)
    for name in story.remotes:
        kopru("connection", "show", name, "-t", "acme", "--json", ok=True)
        kopru("connection", "log", name, "-t", "acme", "--limit", "1000", "--json", ok=True)
        kopru("connection", "log", name, "-t", "acme", "--limit", "1000", ok=True)
    kopru("audit", "verify", "-t", "acme", "--json", ok=True)
    kopru("doctor", "--json")


def spellings(value):
    """How a text may stand somewhere: as it is, escaped, encoded, in hexadecimal, inside base64."""
    raw = value.encode()
    encoded = [base64.b64encode(b"x" * skip + raw + b"xxx")[4:-5] for skip in range(3)]
    plain = [value, quote(value, safe=""), json.dumps(value)[1:-1], escape(value)]
    return (
        {each.encode() for each in plain} | {raw.hex().encode()} | {each for each in encoded if len(each) > 6}
    )


@pytest.fixture(scope="session")
def traces():
    """Return the spellings of a text that are found in bytes, and what stands around them."""

    def find(value, where):
        found = []
        for spelling in spellings(value):
            at = where.find(spelling)
            if at >= 0:
                found.append(where[max(0, at - 80) : at + len(spelling) + 20].decode("utf-8", "replace"))
        return found

    return find


@pytest.fixture(scope="session")
def person():
    """What is private about the person, as it would be noticed in any text."""
    return {
        **PERSON,
        "phone": "777 66 55",
        "phone digits": "7776655",
        "mail": "saka.kusu",
        "street": "Kuşkafesi",
    }
