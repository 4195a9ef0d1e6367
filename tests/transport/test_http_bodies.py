"""What goes over the wire, and how much of what comes back is read."""

import gzip
import tracemalloc
import zlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.hooks.errors import ConfigError, OutcomeUnknown, Rejected, TransientError
from kopru.transport.body import TooLarge, read, to_json
from kopru.transport.http import Limits

SMALL = Limits(timeout=5, retries=0, response_size=100_000)


def echo(peer, request) -> None:
    peer.answer(
        200, request.body, {"x-target": request.target, "x-type": request.headers.get("content-type", "")}
    )


@pytest.fixture
def http(serve, client, scripts):
    return client(serve(scripts.answering(echo)))


def test_json_keeps_decimals(http) -> None:
    response = http.request("POST", "x", json={"price": Decimal("19.90"), "name": 'Çağrı "x"', "n": None})
    assert response.content == '{"price":19.90,"name":"Çağrı \\"x\\"","n":null}'.encode()
    assert response.headers["x-type"] == "application/json"
    assert response.json()["price"] == Decimal("19.90")


def test_the_type_of_json_may_be_another(http) -> None:
    response = http.request("POST", "x", json=[], headers={"Content-Type": "application/json-patch+json"})
    assert response.headers["x-type"] == "application/json-patch+json"


def test_falsy_json_is_a_body(http) -> None:
    assert http.request("POST", "x", json={}).content == b"{}"
    assert http.request("POST", "x", json=0).content == b"0"
    assert http.request("POST", "x").content == b""


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_json_numbers_have_exactly_their_digits(value: Decimal) -> None:
    import json

    written = to_json([value])
    assert json.loads(written, parse_float=Decimal, parse_int=Decimal) == [value]


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("1e999999"), float("nan")])
def test_json_refuses_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError):
        to_json({"a": value})


def test_json_refuses_unknown_types() -> None:
    with pytest.raises(TypeError):
        to_json({"a": object()})


def test_texts_that_look_like_marks_stay_texts() -> None:
    assert to_json({"a": "1.5", "b": [Decimal("1.5")]}) == b'{"a":"1.5","b":[1.5]}'


def test_forms_and_raw_bodies(http) -> None:
    form = http.request("POST", "x", form={"user": "çağrı", "empty": ""})
    assert form.content == b"user=%C3%A7a%C4%9Fr%C4%B1&empty="
    assert form.headers["x-type"] == "application/x-www-form-urlencoded"
    raw = http.request("POST", "x", content=b"\x00\xff", headers={"content-type": "application/xml"})
    assert (raw.content, raw.headers["x-type"]) == (b"\x00\xff", "application/xml")


def test_multipart(http) -> None:
    response = http.request(
        "POST", "x", files={"file": ("fatura.xml", b"<a/>", "application/xml")}, form={"k": "v"}
    )
    assert response.headers["x-type"].startswith("multipart/form-data; boundary=")
    assert b'filename="fatura.xml"' in response.content
    assert b"Content-Type: application/xml\r\n\r\n<a/>\r\n" in response.content
    assert b'name="k"\r\n\r\nv\r\n' in response.content


@pytest.mark.parametrize(
    ("base", "path", "params", "target"),
    [
        ("", "", None, "/"),
        ("", "/", None, "/"),
        ("/api", "", None, "/api"),
        ("/api/", "orders", None, "/api/orders"),
        ("/api", "/orders/", None, "/api/orders/"),
        ("/api", "orders?a=1", {"b": 2}, "/api/orders?a=1&b=2"),
        ("/api", "x", {"status": ["Created", "Picking"], "n": 1}, "/api/x?status=Created&status=Picking&n=1"),
        ("/api", "ş/a b", {"q": "ü&="}, "/api/%C5%9F/a%20b?q=%C3%BC%26%3D"),
        ("/api", "a%2Fb", None, "/api/a%2Fb"),
        ("/api?key=1", "x", None, "/api/x?key=1"),
    ],
)
def test_addresses(serve, client, scripts, base, path, params, target) -> None:
    server = serve(scripts.answering(echo))
    response = client(server.url + base).request("GET", path, params=params)
    assert response.headers["x-target"] == target


def test_absolute_addresses_of_the_same_server(serve, client, scripts) -> None:
    server = serve(scripts.answering(echo))
    response = client(server.url + "/api").request("GET", f"{server.url}/other?x=1")
    assert response.headers["x-target"] == "/other?x=1"


def test_further_servers_of_the_remote(serve, client, scripts) -> None:
    first, second, third = (serve(scripts.answering(echo)) for _ in range(3))
    http = client(first.url + "/api", hosts=(second.url + "/v1",))
    assert http.request("GET", "x").headers["x-target"] == "/api/x"
    assert http.request("GET", f"{second.url}/other").headers["x-target"] == "/other"
    with pytest.raises(Rejected) as caught:
        http.request("GET", f"{third.url}/other")
    assert caught.value.code == "http.other_host"
    assert (first.connections, second.connections, third.connections) == (1, 1, 0)


def test_further_servers_are_checked_like_the_first(serve, client, scripts) -> None:
    server = serve(scripts.answering(echo))
    with pytest.raises(ConfigError):
        client(server, hosts=("https://user@example.org",)).request("GET", f"{server.url}/x")


@pytest.mark.parametrize(
    "path",
    ["http://example.org/x", "https://127.0.0.1/x", "//example.org/x", "http://127.0.0.1:1/x"],
)
def test_other_servers_are_refused(serve, client, scripts, path: str) -> None:
    server = serve(scripts.answering(echo))
    with pytest.raises(Rejected) as caught:
        client(server).request("GET", path)
    assert caught.value.code == "http.other_host"
    assert server.connections == 0


@pytest.mark.parametrize(
    "path", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)", "http://a@127.0.0.1/"]
)
def test_other_schemes_are_refused(serve, client, scripts, path: str) -> None:
    with pytest.raises(ConfigError):
        client(serve(scripts.answering(echo))).request("GET", path)


@pytest.mark.parametrize("path", ["../admin", "a/../../b", "a/%2e%2e/b", "a\\..\\b", "a\nb", "a#b", "a\x00"])
def test_paths_that_climb(serve, client, scripts, path: str) -> None:
    server = serve(scripts.answering(echo))
    with pytest.raises(Rejected) as caught:
        client(server.url + "/api").request("GET", path)
    assert caught.value.code == "http.path"
    assert server.connections == 0


def deflated(body: bytes, bits: int) -> bytes:
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(body) + packer.flush()


BODY = b'{"ad": "' + "çok ".encode() * 1_000 + b'"}'


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("x-gzip", gzip.compress(BODY, mtime=0)),
        ("GZIP", gzip.compress(BODY, mtime=0)),
        ("deflate", deflated(BODY, 15)),
        ("deflate", deflated(BODY, -15)),
        ("identity", BODY),
    ],
)
def test_packed_bodies(serve, client, scripts, encoding: str, body: bytes) -> None:
    server = serve(scripts.answering(scripts.status(200, body, content_encoding=encoding)))
    assert client(server).request("GET", "x").content == BODY
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


def test_a_packed_empty_body(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200, b"", content_encoding="gzip")))
    assert client(server).request("GET", "x").content == b""


def test_head_has_no_body(serve, client, scripts) -> None:
    def step(peer, request) -> None:
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\nContent-Encoding: gzip\r\n\r\n")

    http = client(serve(scripts.answering(step)))
    assert http.request("HEAD", "x").content == b""
    assert http.request("HEAD", "x").headers["content-length"] == "999"


def chunked(peer, request) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(200):
        peer.send(b"400\r\n" + b"x" * 1024 + b"\r\n")
    peer.send(b"0\r\n\r\n")


def bomb(peer, request) -> None:
    peer.answer(200, BOMB, {"content-encoding": "gzip"})


BOMB = gzip.compress(b"\0" * 200_000_000, 1)


def long(peer, request) -> None:
    peer.answer(200, b"x" * 100_001)


@pytest.mark.parametrize("step", [long, chunked, bomb])
def test_bodies_over_the_limit(serve, client, scripts, step) -> None:
    http = client(serve(scripts.answering(step)), limits=SMALL)
    with pytest.raises(Rejected) as caught:
        http.request("GET", "x")
    assert caught.value.code == "http.too_large"
    with pytest.raises(OutcomeUnknown):
        http.request("POST", "x")


def test_a_body_of_the_limit_is_read(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(200, b"x" * 100_000)))
    assert len(client(server, limits=SMALL).request("GET", "x").content) == 100_000


def test_a_bomb_takes_no_memory() -> None:
    into = bytearray()
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            read([BOMB], "gzip", 1_000_000, into)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert len(into) == 1_000_000


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"x"),
        ("gzip", b"not gzip"),
        ("gzip", gzip.compress(BODY, mtime=0)[:-20]),
        ("deflate", b"\x78\x9cxx"),
        ("gzip, gzip", b"x"),
    ],
)
def test_unreadable_encodings(serve, client, scripts, encoding: str, body: bytes) -> None:
    server = serve(scripts.answering(scripts.status(200, body, content_encoding=encoding)))
    http = client(server, limits=SMALL)
    with pytest.raises(TransientError) as caught:
        http.request("GET", "x")
    assert caught.value.code == "http.malformed"
    with pytest.raises(OutcomeUnknown):
        http.request("POST", "x")


def test_an_unreadable_refusal_is_still_a_refusal(serve, client, scripts) -> None:
    server = serve(scripts.answering(scripts.status(403, b"not gzip", content_encoding="gzip")))
    with pytest.raises(Exception) as caught:
        client(server).request("POST", "x")
    assert caught.value.code == "http.forbidden"
