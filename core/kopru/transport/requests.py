"""Turns a plugin's call into a request to the connection's own server."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from kopru.hooks.errors import Rejected
from kopru.transport.address import checked_url, same_host
from kopru.transport.body import ENCODINGS, to_json
from kopru.transport.texts import TEXTS

Params = Mapping[str, str | int | list[str]]
Files = Mapping[str, tuple[str, bytes, str]]

USER_AGENT = "kopru/0.1"
_ABSOLUTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:|^//")
_HEADER_NAME = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
_UNSAFE_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})


def target(
    base: httpx.URL,
    path: str,
    *,
    local: bool,
    params: Params | None = None,
    hosts: Sequence[httpx.URL] = (),
) -> httpx.URL:
    """Return the address of a path below the base, or of an absolute address on one of the remote's servers.

    These are the base's own and ``hosts``.

    Raises:
        Rejected: ``http.other_host``, or ``http.path`` for ``..`` segments and unprintable characters.
        ConfigError: see ``address.checked_url``.
    """
    if _has_odd_path(path):
        raise Rejected("http.path", TEXTS["http.path"], detail=repr(path[:200]))
    try:
        if _ABSOLUTE.match(path):
            url = checked_url(path if ":" in path[:9] else f"{base.scheme}:{path}", local=local)
            if not any(same_host(each, url) for each in (base, *hosts)):
                raise Rejected("http.other_host", TEXTS["http.other_host"], detail=url.host)
        else:
            url = _below(base, path)
        return url.copy_merge_params(_pairs(params)) if params else url
    except httpx.InvalidURL as error:
        raise Rejected("http.path", TEXTS["http.path"], detail=repr(path[:200])) from error


def build(
    method: str,
    url: httpx.URL,
    *,
    headers: Mapping[str, str] | None,
    json: Any,
    form: Mapping[str, str] | None,
    content: bytes | None,
    files: Files | None,
) -> httpx.Request:
    """Return the request to send.

    Raises:
        Rejected: ``http.header`` for a header that cannot be sent.
        TypeError, ValueError: the JSON value cannot be written.
    """
    named = {"user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": ENCODINGS, **_checked(headers)}
    if json is not None:
        content = to_json(json)
        named.setdefault("content-type", "application/json")
    encoded = {name: value.encode("utf-8") for name, value in named.items()}
    raw = [(name.encode("ascii"), value) for name, value in encoded.items()]
    return httpx.Request(
        method.upper(), url, headers=raw, content=content, data=form, files=dict(files) if files else None
    )


def redirected(request: httpx.Request, url: httpx.URL) -> httpx.Request:
    """Return the same request to another address on the same server."""
    headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
    return httpx.Request(request.method, url, headers=headers)


def _below(base: httpx.URL, path: str) -> httpx.URL:
    path, _, query = path.partition("?")
    root = base.raw_path.partition(b"?")[0].decode("ascii").rstrip("/")
    joined = f"{root}/{path.lstrip('/')}" if path else root or "/"
    queries = "&".join(part for part in (base.query.decode("ascii"), query) if part)
    authority = base.netloc.decode("ascii")
    return httpx.URL(f"{base.scheme}://{authority}{joined}" + (f"?{queries}" if queries else ""))


def _pairs(params: Params) -> httpx.QueryParams:
    pairs: list[tuple[str, httpx._types.PrimitiveData]] = []
    for name, value in params.items():
        if isinstance(value, list):
            pairs += [(name, each) for each in value]
        else:
            pairs.append((name, str(value)))
    return httpx.QueryParams(pairs)


def _has_odd_path(path: str) -> bool:
    bare = path.partition("?")[0].lower().replace("%5c", "/").replace("\\", "/")
    segments = bare.replace("%2e", ".").replace("%2f", "/").split("/")
    return ".." in segments or "#" in path or any(not each.isprintable() for each in path)


def _checked(headers: Mapping[str, str] | None) -> dict[str, str]:
    checked = {}
    for name, value in (headers or {}).items():
        if not _HEADER_NAME.match(name) or name.lower() in _OURS or _UNSAFE_IN_VALUE.search(value):
            raise Rejected("http.header", TEXTS["http.header"], detail=name[:100])
        checked[name.lower()] = value.strip()
    return checked
