"""One whole installation in which a made-up person trades, while every remote fails and repeats what it got."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kopru.cli import app
from kopru.documents import ISTANBUL
from kopru.runtime.host import RuntimeHost
from kopru.runtime.rehearsal import simulators, tenant_file
from kopru.runtime.servers import down
from kopru.settings import Settings
from kopru.testing.simulator import SimResponse
from kopru.testing.world import WorldLine, WorldOrder, make_world
from kopru.toolkit.taxnumbers import tckn_check_digits, vkn_check_digit

SECRETS = {
    "trendyol key": "knr1-AnahtarTrendyol+/=",
    "trendyol secret": "knr2-GizliTrendyol:ş&",
    "trendyol webhook": "knr3-WebhookAnahtarı<x>",
    "nilvera key": "knr4.NilveraAnahtari.Ek",
    "logo password": "knr5-Logo'Parolası\\1",
    "logo client": "knr6-LogoIstemci%20",
}

PERSON = {
    "first name": "Sakakuşu",
    "last name": "Ötücügillioğlu",
    "company": "Bülbülsesi Yem Sanayi",
    "TCKN": f"987654321{tckn_check_digits('987654321')}",
    "VKN": f"987612345{vkn_check_digit('987612345')}",
    "phone": "0532 777 66 55",
    "mail": "saka.kusu@kafes.example",
    "street": "Kuşkafesi Sokağı No:777",
}

WORDS = " ".join(f"{PERSON[name]}," for name in PERSON)


@dataclass
class Echo:
    """Makes a remote refuse some requests with an answer that repeats the request in one of several ways."""

    handle: object
    rules: list = field(default_factory=list)
    struck: int = 0
    tokens: set = field(default_factory=set)

    def refuse(self, method, path, status, *, times=1, form="json"):
        self.rules.append([method, re.compile(path), status, times, form])

    def __call__(self, request):
        for rule in self.rules:
            method, path, status, times, form = rule
            if times and method in ("*", request.method) and path.search(request.path):
                rule[3] -= 1
                self.struck += 1
                return FORMS[form](request, status)
        answer = self.handle(request)
        for name in (b"access_token", b"refresh_token"):
            found = re.search(b'"%s": "([^"]+)"' % name, answer.body)
            if found:
                self.tokens.add(found[1].decode())
        return answer


def _dump(request):
    """The request as it came over the wire."""
    lines = [f"{request.method} {request.path}", *(f"{name}: {value}" for name, value in request.headers.items())]
    return "\n".join([*lines, "", request.body.decode("utf-8", "replace")])


def _json(request, status):
    """Error bodies of all vendors in one, with the request inside as a JSON object and as JSON in a string."""
    words = f"Kabul edilmedi: {WORDS} {request.headers.get('authorization')}"
    body = request.body.decode("utf-8", "replace")
    data = {
        "message": words,
        "errors": [{"key": "refused", "message": words}],
        "Message": words,
        "Errors": [{"Code": 99, "Description": words, "Detail": body[:300]}],
        "ModelState": {"ValError0": [words]},
        "error": "invalid_grant",
        "error_description": words,
        "request": {"headers": dict(request.headers), "query": request.query, "body": body},
    }
    return SimResponse(status, json.dumps(data, ensure_ascii=False).encode(), {"content-type": "application/json"})


def _text(request, status):
    return SimResponse(status, _dump(request).encode(), {"content-type": "text/plain; charset=utf-8"})


def _html(request, status):
    page = f"<html><body><h1>Error</h1><pre>{escape(_dump(request))}</pre></body></html>"
    return SimResponse(status, page.encode(), {"content-type": "text/html; charset=utf-8"})


FORMS = {"json": _json, "text": _text, "html": _html}


@contextmanager
def passable_folder():
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


class Installation:
    """``kopru up`` in processes of its own, and the commands of an operator."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = {"HOME": str(folder), "KOPRU_HOME": str(folder / "home"), **environment}
        self.settings = Settings.from_environment(self.environment)
        self.log = folder / "up.log"
        self.said = {}

    @contextmanager
    def running(self):
        main = [sys.executable, "-c", "from kopru.runtime import main; main()", "up"]
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                main, env={**environment, **self.environment}, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        try:
            self.wait(lambda: b"child_started" in self.log.read_bytes(), 60)
            yield
        finally:
            process.terminate()
            process.wait(60)
            down(self.settings)

    def wait(self, done, seconds):
        until = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < until, self.log.read_text("utf-8", "replace")[-3000:]
            time.sleep(0.1)

    def kopru(self, *words, ok=None, language="en"):
        """Run one command and keep what it said."""
        host = RuntimeHost(self.settings.model_copy(update={"language": language}))
        result = CliRunner().invoke(app, list(words), obj=host)
        name = " ".join(word if len(word) < 40 else "…" for word in words)
        self.said[f"{len(self.said):03d} {name}"] = result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        if ok is not None:
            assert (result.exit_code == 0) is ok, result.output
        return result

    def json(self, *words):
        return json.loads(self.kopru(*words, "--json").stdout)
