"""ZIP files are unpacked within bounds that count what really comes out."""

import io
import random
import struct
import zipfile

import pytest

from kopru.hooks.errors import Rejected
from kopru.toolkit.archive import Member, Rules, read_zip


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


DEFAULT = Rules()


def code_of(content: bytes, rules: Rules = DEFAULT) -> str:
    with pytest.raises(Rejected) as caught:
        read_zip(content, rules)
    return caught.value.code


def test_files_come_out_in_order_without_folders() -> None:
    content = packed(("b/", b""), ("b/2.xml", b"<b/>"), ("a.xml", b"<a/>"))
    assert read_zip(content) == (Member("b/2.xml", b"<b/>"), Member("a.xml", b"<a/>"))


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/x", "C:x", "a\\b", "a\nb", "a\u202eb", "x" * 300, "..", "a//../b"]
)
def test_names_that_lead_elsewhere(name: str) -> None:
    assert code_of(packed((name, b"x"))) == "archive.name"


def test_a_name_cut_at_nul() -> None:
    content = packed(("good.xmlZevil", b"x")).replace(b"good.xmlZevil", b"good.xml\x00evil")
    assert code_of(content) == "archive.name"


def test_links_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert code_of(buffer.getvalue()) == "archive.name"


def test_repeated_names_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = packed(("a", b"1"), ("a", b"2"))
    assert code_of(content) == "archive.name"


def test_own_name_rule() -> None:
    rules = Rules(name=lambda name: name.endswith(".xml"))
    assert code_of(packed(("a.exe", b"x")), rules) == "archive.name"
    assert len(read_zip(packed(("a.xml", b"x")), rules)) == 1


def test_total_size_is_counted_over_members() -> None:
    noise = random.Random(1).randbytes(600)
    content = packed(("a", noise), ("b", noise))
    assert code_of(content, Rules(size=1_000)) == "archive.too_large"
    assert len(read_zip(content, Rules(size=1_200))) == 2


def test_a_bomb_stops_at_the_ratio() -> None:
    content = packed(("zeros", b"\0" * 30_000_000))
    assert len(content) < 100_000
    assert code_of(content) == "archive.ratio"


def test_a_forged_size_in_the_headers_is_not_believed() -> None:
    body = b"\0" * 5_000_000
    content = bytearray(packed(("zeros", body)))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(signature) + place
        assert struct.unpack_from("<I", content, start)[0] == len(body)
        struct.pack_into("<I", content, start, 10)
    assert code_of(bytes(content)) == "archive.malformed"


def test_too_many_members() -> None:
    content = packed(*((str(number), b"") for number in range(11)))
    assert code_of(content, Rules(members=10)) == "archive.members"


def test_members_that_share_their_bytes() -> None:
    """The second entry points at a complete member inside the data of the first."""
    second = ("b", b"x" * 100)
    alone = packed(second, method=zipfile.ZIP_STORED)
    whole_member = alone[: alone.index(b"PK\x01\x02")]
    content = bytearray(packed(("a", whole_member), second, method=zipfile.ZIP_STORED))
    inside = content.index(whole_member)
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 42, inside)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert [info.header_offset for info in archive.infolist()] == [0, inside]
    assert code_of(bytes(content)) == "archive.malformed"


def test_archives_inside() -> None:
    inner = packed(("x.xml", b"<x/>"))
    outer = packed(("in.zip", inner), ("y.xml", b"<y/>"))
    assert code_of(outer) == "archive.nested"
    assert [member.name for member in read_zip(outer, Rules(depth=1))] == ["in.zip/x.xml", "y.xml"]
    assert code_of(packed(("out.zip", outer)), Rules(depth=1)) == "archive.nested"


def test_members_of_inner_archives_count() -> None:
    inner = packed(*((str(number), b"") for number in range(6)))
    outer = packed(("1.zip", inner), ("2.zip", inner))
    assert code_of(outer, Rules(depth=1, members=10)) == "archive.members"


def test_encrypted_members() -> None:
    content = bytearray(packed(("a", b"x")))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    assert code_of(bytes(content)) == "archive.encrypted"


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"not a zip", pytest.param(packed(("a", b"x" * 1000))[:-30], id="cut")],
)
def test_broken_archives(content: bytes) -> None:
    assert code_of(content) == "archive.malformed"


def test_a_flipped_byte_is_noticed() -> None:
    content = bytearray(packed(("a", b"hello world"), method=zipfile.ZIP_STORED))
    content[content.index(b"hello")] ^= 1
    assert code_of(bytes(content)) == "archive.malformed"


def test_other_compression_methods_are_refused() -> None:
    assert code_of(packed(("a", b"x"), method=zipfile.ZIP_LZMA)) == "archive.malformed"
