"""Reads hostile files as a worker would, each under a memory ceiling, and prints what became of them.

The ceiling counts from what the imports and the file itself need.
"""

import io
import os
import resource
import sys
import zipfile
import zlib
from pathlib import Path

from kopru.hooks import ports
from kopru.hooks.errors import ConnectorError
from kopru.hooks.types import Raw
from kopru.registry import Registry
from kopru.toolkit import archive, validation, xml
from kopru.transport import body

CEILING = 300_000_000
SECONDS = 20

UBL = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">'
LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]>"
)
XINCLUDE = b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'


def zipped(*files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in files:
            made.writestr(name, content)
    return out.getvalue()


def nested(levels):
    """A small 42.zip: archives in archives, each ten times the next."""
    content = zipped(("0", b"\0" * 4_000_000))
    for _ in range(levels):
        content = zipped(*((f"{n}.zip", content) for n in range(10)))
    return content


def overlapping(count):
    """Many entries that share the packed bytes of one."""
    whole = zipped(("a", b"\0" * 4_000_000))
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry = whole[start:end]
    tail = bytearray(whole[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = (len(entry) * count).to_bytes(4, "little")
    return whole[:start] + entry * count + bytes(tail)


def workbook(sheet):
    parts = (
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", sheet),
    )
    return zipped(*parts)


def orders(plugin, content, kind):
    """Let a connector read a raw payload."""
    registry = Registry.installed()
    manifest = registry.manifest(plugin)
    settings = {
        "trendyol": {"seller_id": "1", "api_key": "k", "api_secret": "s"},
        "orderfile": {"folder": "/tmp"},
    }[plugin]
    config = manifest.config.model_validate(settings)
    plugins = registry.for_tenant([plugin], [plugin])
    records = plugins.use(plugin, ports.ParsesOrders).parse_orders(config, Raw(content, kind))
    return "records with findings" if all(each.findings for each in records) else "records"


def unpack(content):
    into = bytearray()
    try:
        body.read([content], "gzip", 10_000_000, into)
    except body.TooLarge:
        return "too large"
    return "unpacked"


def entities(declared, root):
    return b"<!DOCTYPE a [" + declared + b"]>" + root


def included(content):
    return "secret" if b"root:" in xml.serialize(xml.parse(content)) else "harmless"


def bomb():
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    return packer.compress(b"\0" * 150_000_000) + packer.flush()


def deep_zip(content):
    return archive.read_zip(content, archive.Rules(depth=5))


def workbook_orders(content):
    return orders("orderfile", content, "application/zip")


def json_orders(content):
    return orders("trendyol", content, "application/json")


QUADRATIC = b'<!ENTITY x "' + b"x" * 50_000 + b'">'
FILE = b'<!ENTITY e SYSTEM "file:///etc/passwd">'
CASES = {
    "xml: billion laughs": (xml.parse, lambda: LAUGHS + b"<l>&a9;</l>"),
    "xml: laughs in an attribute": (xml.parse, lambda: LAUGHS + b'<l v="&a9;"/>'),
    "xml: quadratic": (xml.parse, lambda: entities(QUADRATIC, b"<q>" + b"&x;" * 50_000 + b"</q>")),
    "xml: local file": (xml.parse, lambda: entities(FILE, b"<a>&e;</a>")),
    "xml: remote file": (xml.parse, lambda: b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>'),
    "xml: parameter entity": (xml.parse, lambda: entities(FILE.replace(b" e ", b" % p ") + b"%p;", b"<a/>")),
    "xml: hidden in utf-16": (
        xml.parse,
        lambda: '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'.encode("utf-16"),
    ),
    "xml: 200 MB": (xml.parse, lambda: UBL + b" " * 200_000_000 + b"</Invoice>"),
    "xml: deep": (xml.parse, lambda: b"<a>" * 1_000_000),
    "xml: one endless name": (xml.parse, lambda: b"<" + b"a" * 40_000_000 + b"/>"),
    "xml: xinclude": (included, lambda: b"<a>" + XINCLUDE + b"</a>"),
    "zip: bomb": (archive.read_zip, lambda: zipped(("a.xml", b"\0" * 200_000_000))),
    "zip: bombs in bombs": (deep_zip, lambda: nested(3)),
    "zip: overlapping": (archive.read_zip, lambda: overlapping(900)),
    "zip: many members": (archive.read_zip, lambda: zipped(*((str(n), b"") for n in range(20_000)))),
    "zip: a way out": (archive.read_zip, lambda: zipped(("../../etc/cron.d/x", b"x"))),
    "json: deep": (validation.read_json, lambda: b"[" * 10_000_000),
    "json: endless number": (validation.read_json, lambda: b"1" * 20_000_000),
    "json: huge exponent": (validation.read_json, lambda: b'{"a": 1e999999999}'),
    "gzip: bomb": (unpack, bomb),
    "orders: a workbook that is a bomb": (
        workbook_orders,
        lambda: workbook(b"<worksheet>" + b" " * 200_000_000 + b"</worksheet>"),
    ),
    "orders: a workbook with laughs": (
        workbook_orders,
        lambda: workbook(LAUGHS + b"<worksheet>&a9;</worksheet>"),
    ),
    "orders: deep JSON": (json_orders, lambda: b'{"content":' * 1_000_000),
    "orders: endless digits": (json_orders, lambda: b'{"content":[{"id":' + b"9" * 5_000_000 + b"}]}"),
}


def limit():
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + CEILING, used + CEILING))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def outcome(case):
    read, build = CASES[case]
    content = build()
    limit()
    try:
        return f"read {read(content)}"
    except ConnectorError as error:
        return f"refused {error.code}"
    except MemoryError:
        return "out of memory"


def main():
    """Try each case in a process of its own; one line for each, also for those whose process was killed."""
    for case in CASES:
        child = os.fork()
        if child == 0:
            sys.stdout.write(f"{case} => {outcome(case)}\n")
            sys.stdout.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            sys.stdout.write(f"{case} => ended with status {status}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
