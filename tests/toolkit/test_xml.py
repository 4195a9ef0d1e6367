"""The parser reads documents and refuses everything that reaches outside of them."""

import resource

import pytest

from kopru.hooks.errors import Rejected
from kopru.toolkit import xml

BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><l>&a9;</l>"
)
QUADRATIC = b'<!DOCTYPE q [<!ENTITY x "' + b"x" * 50_000 + b'">]><q>' + b"&x;" * 50_000 + b"</q>"
ATTRIBUTE_LAUGHS = BILLION_LAUGHS.replace(b"<l>&a9;</l>", b'<l v="&a9;"/>')


def code_of(content: bytes, **options: int) -> str:
    with pytest.raises(Rejected) as caught:
        xml.parse(content, **options)
    return caught.value.code


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<!DOCTYPE a><a/>", id="bare"),
        pytest.param(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', id="external subset"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', id="local file"),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/">%p;]><a/>', id="parameter entity"
        ),
        pytest.param('<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'.encode("utf-16"), id="utf-16"),
        pytest.param('<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'.encode("utf-32"), id="utf-32"),
        pytest.param(b"<!--" + b" " * 100_000 + b"--><!DOCTYPE a><a/>", id="after a long comment"),
        pytest.param(b"<!-- first --><?pi?>\n<!DOCTYPE a><a/>", id="after a comment"),
        pytest.param(BILLION_LAUGHS, id="billion laughs"),
        pytest.param(QUADRATIC, id="quadratic blow-up"),
    ],
)
def test_doctype_is_refused(content: bytes) -> None:
    assert code_of(content) == "xml.doctype"


def test_entities_in_attributes_do_not_grow() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code_of(ATTRIBUTE_LAUGHS) in ("xml.doctype", "xml.malformed")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_the_word_doctype_in_content_is_only_a_word() -> None:
    root = xml.parse(b"<a><!-- <!DOCTYPE a> --><![CDATA[<!DOCTYPE a>]]></a>")
    assert "<!DOCTYPE a>" in "".join(root.itertext())


def test_size_is_checked_before_parsing() -> None:
    assert code_of(b"<a>" + b"not even closed" * 10, limit=50) == "xml.too_large"
    assert xml.parse(b"<a/>", limit=4).tag == "a"


@pytest.mark.parametrize(
    "content",
    [b"", b"   ", b"<a>", b"<a></b>", b"<a>\x00</a>", b"\xff\xfe\xff", b"<a>&undefined;</a>", b"{}"],
)
def test_broken_documents_are_malformed(content: bytes) -> None:
    assert code_of(content) == "xml.malformed"


def test_deep_nesting_is_malformed() -> None:
    assert code_of(b"<a>" * 100_000 + b"</a>" * 100_000) == "xml.malformed"


def test_xinclude_stays_an_element(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    include = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{secret}" parse="text"/>'
    root = xml.parse(f"<a>{include}</a>".encode())
    assert b"canary" not in xml.serialize(root)
    assert xml.local_name(root[0]) == "include"


def test_declared_encodings_are_read() -> None:
    turkish = '<?xml version="1.0" encoding="iso-8859-9"?><a>ığüşöçİ</a>'.encode("iso-8859-9")
    assert xml.parse(turkish).text == "ığüşöçİ"
    assert xml.parse(b"\xef\xbb\xbf<a>\xc3\xa7</a>").text == "ç"


NAMESPACED = b'<i:Inv xmlns:i="urn:i" xmlns:c="urn:c"><c:ID> X1 </c:ID><c:Note/><c:Note>a</c:Note></i:Inv>'


def test_text_lookup() -> None:
    root = xml.parse(NAMESPACED)
    assert xml.text(root, "{*}ID") == "X1"
    assert xml.text(root, "c:ID", {"c": "urn:c"}) == "X1"
    assert xml.text(root, "{*}Missing", default="-") == "-"
    assert xml.text(root, "{*}Note", default="-") == "-"
    assert xml.texts(root, "{*}Note") == ("a",)
    assert xml.required_text(root, "{*}ID") == "X1"


@pytest.mark.parametrize("path", ["{*}Missing", "{*}Note"])
def test_required_text_names_the_missing_field(path: str) -> None:
    with pytest.raises(Rejected) as caught:
        xml.required_text(xml.parse(NAMESPACED), path)
    assert (caught.value.code, caught.value.field) == ("xml.missing", path)


def test_serializing_is_stable() -> None:
    once = xml.serialize(xml.parse(NAMESPACED))
    assert once.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert xml.serialize(xml.parse(once)) == once
