"""SOAP calls: what leaves, what an answer means, and what a service description may do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from kopru.hooks.dry_run import PlannedCall, PlannedRequest
from kopru.hooks.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
    TransientError,
)
from kopru.hooks.io import Response
from kopru.toolkit import soap, xml

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"
 elementFormDefault="qualified">
<xs:complexType name="Any"><xs:sequence>
 <xs:any minOccurs="0" maxOccurs="unbounded" namespace="##other" processContents="skip"/>
</xs:sequence></xs:complexType>
<xs:element name="Store"><xs:complexType><xs:sequence>
 <xs:element name="Since" nillable="true" type="xs:dateTime"/>
 <xs:element minOccurs="0" maxOccurs="unbounded" name="Item"><xs:complexType><xs:sequence>
  <xs:element name="Document" type="t:Any"/><xs:element minOccurs="0" name="Name" type="xs:string"/>
 </xs:sequence></xs:complexType></xs:element>
</xs:sequence><xs:attribute name="Kind" type="xs:string"/></xs:complexType></xs:element>
<xs:element name="StoreResponse"><xs:complexType><xs:sequence>
 <xs:element minOccurs="0" name="Total" type="xs:decimal"/>
 <xs:element minOccurs="0" maxOccurs="unbounded" name="Row" type="xs:string"/>
</xs:sequence><xs:attribute name="Ok" type="xs:boolean"/></xs:complexType></xs:element>
</xs:schema>"""
STORED = '<StoreResponse xmlns="urn:t" Ok="true"><Total>12.30</Total><Row>a</Row><Row>b</Row></StoreResponse>'
HOSTILE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
DOCUMENT = b'<?xml version="1.0"?><Invoice xmlns="urn:u" xmlns:c="urn:c"><c:ID>1 &amp; 2</c:ID><c:ID>3</c:ID></Invoice>'
_numbers = count(1)


def wsdl(location: str = "http://inner.example:8080/svc?xsd=xsd0", binding: str = "soap") -> bytes:
    return f"""<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:t" targetNamespace="urn:t"
 xmlns:s="http://schemas.xmlsoap.org/wsdl/{binding}/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<w:types><xs:schema><xs:import namespace="urn:t" schemaLocation="{location}"/></xs:schema></w:types>
<w:message name="In"><w:part name="p" element="t:Store"/></w:message>
<w:message name="Out"><w:part name="p" element="t:StoreResponse"/></w:message>
<w:portType name="P"><w:operation name="Store"><w:input message="t:In"/><w:output message="t:Out"/></w:operation>
</w:portType>
<w:binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<w:operation name="Store"><s:operation soapAction="urn:t/Store" style="document"/>
<w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output></w:operation></w:binding>
</w:definitions>""".encode()


def envelope(body: str, namespace: str = SOAP_11) -> bytes:
    return f'<s:Envelope xmlns:s="{namespace}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def fault(code: str, text: str = "no") -> str:
    return f"<s:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring></s:Fault>"


class Http:
    """A server of one service, which applies ``explain`` as the transport does."""

    def __init__(self, answer: bytes = envelope(STORED), status: int = 200, documents: Any = None) -> None:
        self.answer, self.status = answer, status
        own = {"/svc?wsdl": wsdl(), "/svc?xsd=xsd0": SCHEMA.encode()}
        self.documents = own if documents is None else documents
        self.server = f"https://server{next(_numbers)}.example"
        self.read: list[str] = []
        self.sent: list[dict[str, Any]] = []

    @property
    def service(self) -> soap.Service:
        return soap.Service(f"{self.server}/svc", f"{self.server}/svc?wsdl")

    def request(self, method: str, path: str, **options: Any) -> Response:
        if method == "GET":
            assert path.startswith(self.server)
            self.read.append(path.removeprefix(self.server))
            return Response(200, {}, self.documents[self.read[-1]])
        self.sent.append({"path": path, **options})
        response = Response(self.status, {}, self.answer)
        if self.status < 400:
            return response
        raise options["explain"](response) or ConnectorError("http.other")


def call(
    http: Any, arguments: dict[str, Any] | None = None, *, operation: str = "Store", **options: Any
) -> Any:
    ctx: Any = SimpleNamespace(http=http)
    return soap.call(
        ctx, http.service, operation, {"Kind": "x"} if arguments is None else arguments, **options
    )


def body_of(http: Http) -> xml.Element:
    return xml.parse(http.sent[-1]["content"])


def test_an_answer_becomes_plain_data() -> None:
    assert call(Http()) == {"Total": Decimal("12.30"), "Row": ["a", "b"], "Ok": True}


def test_a_call_goes_to_the_connections_server_whatever_the_description_says() -> None:
    http = Http()
    call(http, {"Kind": "x"})
    assert http.read == ["/svc?wsdl", "/svc?xsd=xsd0"]
    (sent,) = http.sent
    assert sent["path"] == f"{http.server}/svc"
    assert sent["headers"]["SOAPAction"] == '"urn:t/Store"'
    since = body_of(http).find(".//{urn:t}Since")
    assert since is not None
    assert since.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"


@pytest.mark.parametrize("write", [False, True])
def test_only_reads_are_safe(write: bool) -> None:
    http = Http()
    call(http, write=write)
    assert http.sent[0]["safe"] is not write


def test_documents_go_in_verbatim_beside_a_real_nil() -> None:
    http = Http()
    other = DOCUMENT.replace(b"3</c", b"4</c")
    items = [{"Document": soap.Verbatim(DOCUMENT), "Name": "a"}, {"Document": soap.Verbatim(other)}]
    call(http, {"Item": items})
    first, second = body_of(http).findall(".//{urn:t}Document")
    assert [each.text for each in first] == ["1 & 2", "3"]
    assert [each.text for each in second] == ["1 & 2", "4"]
    assert {each.tag for each in first} == {"{urn:c}ID"}
    assert not first.attrib
    assert body_of(http).find(".//{urn:t}Since").attrib  # type: ignore[union-attr]


def test_a_hostile_document_is_not_sent() -> None:
    http = Http()
    with pytest.raises(Rejected, match=r"xml\.doctype"):
        call(http, {"Item": {"Document": soap.Verbatim(HOSTILE)}}, write=True)
    assert not http.sent


def test_a_login_is_a_username_token_with_a_time_stamp() -> None:
    http = Http()
    call(http, login=soap.UsernameToken("who", SecretStr("a<b&c"), NOW, timedelta(minutes=2)))
    security = body_of(http).find(f"{{{SOAP_11}}}Header/{{*}}Security")
    assert security is not None
    assert security.get(f"{{{SOAP_11}}}mustUnderstand") == "1"
    assert xml.text(security, "{*}UsernameToken/{*}Username") == "who"
    password = security.find("{*}UsernameToken/{*}Password")
    assert password is not None
    assert password.text == "a<b&c"
    assert (password.get("Type") or "").endswith("#PasswordText")
    assert xml.text(security, "{*}Timestamp/{*}Created") == "2026-03-02T09:00:00.000Z"
    assert xml.text(security, "{*}Timestamp/{*}Expires") == "2026-03-02T09:02:00.000Z"


def test_descriptions_are_kept_by_address_and_shared_by_content(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Http(), Http()
    made = []
    read = soap._read
    monkeypatch.setattr(soap, "_read", lambda *given: made.append(given) or read(*given))
    monkeypatch.setattr(soap, "_known", type(soap._known)())
    for http in (one, one, other):
        call(http)
    assert len(one.read) == len(other.read) == 2
    assert len(made) == 1
    changed = Http(documents={"/svc?wsdl": wsdl() + b"\n", "/svc?xsd=xsd0": SCHEMA.encode()})
    call(changed)
    assert len(made) == 2


def test_an_old_description_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    http = Http()
    call(http)
    later = soap.time.monotonic() + 25 * 3600
    monkeypatch.setattr(soap.time, "monotonic", lambda: later)
    call(http)
    assert len(http.read) == 4


def test_the_oldest_descriptions_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soap, "_known", type(soap._known)())
    monkeypatch.setattr(soap, "_KEPT_MOST", 2)
    first, second, third = Http(), Http(), Http()
    for http in (first, second, third, first):
        call(http)
    assert (len(first.read), len(second.read), len(third.read)) == (4, 2, 2)


@pytest.mark.parametrize(
    "documents",
    [
        {"/svc?wsdl": HOSTILE},
        {"/svc?wsdl": wsdl(), "/svc?xsd=xsd0": HOSTILE},
        {"/svc?wsdl": wsdl("file:///etc/passwd")},
        {"/svc?wsdl": wsdl("ftp://x/y")},
        {"/svc?wsdl": b"<html>sign in</html>"},
        {"/svc?wsdl": b"{}"},
        {"/svc?wsdl": b""},
        {"/svc?wsdl": wsdl(binding="http"), "/svc?xsd=xsd0": SCHEMA.encode()},
        {
            "/svc?wsdl": wsdl(),
            "/svc?xsd=xsd0": b"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><x/></xs:schema>",
        },
    ],
)
def test_a_description_that_cannot_be_used_is_told_before_anything_is_sent(documents: Any) -> None:
    http = Http(documents=documents)
    for write in (False, True):
        with pytest.raises(TransientError) as caught:
            call(http, write=write)
        assert caught.value.code == "soap.description"
    assert not http.sent


def test_endless_imports_end() -> None:
    class Endless(dict[str, bytes]):
        def __missing__(self, place: str) -> bytes:
            return wsdl(f"/svc?xsd=xsd{next(_numbers)}")

    http = Http(documents=Endless())
    with pytest.raises(TransientError, match="documents"):
        call(http)
    assert len(http.read) <= 60


@pytest.mark.parametrize(
    ("operation", "arguments"), [("Unknown", {}), ("Store", {"Unknown": 1}), ("Store", {"Since": object()})]
)
def test_a_call_the_description_does_not_know_is_a_matter_of_settings(operation: str, arguments: Any) -> None:
    http = Http()
    with pytest.raises(ConfigError) as caught:
        call(http, arguments, operation=operation, write=True)
    assert caught.value.code == "soap.unfit"
    assert not http.sent


def test_a_description_that_does_not_fit_is_read_again() -> None:
    http = Http(documents={"/svc?wsdl": wsdl(), "/svc?xsd=xsd0": SCHEMA.replace("Kind", "Sort").encode()})
    with pytest.raises(ConfigError):
        call(http)
    http.documents["/svc?xsd=xsd0"] = SCHEMA.encode()
    assert call(http)["Ok"] is True


@pytest.mark.parametrize(
    "answer", [b"", b"oops", HOSTILE, b"{}", b"<a/>", envelope(""), envelope("<x/>"), envelope(STORED)[:-20]]
)
def test_an_answer_that_cannot_be_read_leaves_a_write_unknown(answer: bytes) -> None:
    with pytest.raises(TransientError, match=r"soap\.answer"):
        call(Http(answer))
    with pytest.raises(OutcomeUnknown, match=r"soap\.answer"):
        call(Http(answer), write=True)


def test_members_added_later_do_no_harm() -> None:
    body = STORED.replace("<Row>a", "<New>1</New><Row>a").replace("Ok=", 'More="1" Ok=')
    answer = call(Http(envelope(body)))
    assert (answer["Total"], answer["Ok"]) == (Decimal("12.30"), True)


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("write", [False, True])
def test_a_refused_login_is_told_by_the_standard_codes(status: int, write: bool) -> None:
    http = Http(envelope(fault("a:FailedAuthentication")), status)
    with pytest.raises(AuthError, match=r"soap\.login_refused"):
        call(http, write=write)


def test_a_message_nobody_understands_is_a_matter_of_settings() -> None:
    with pytest.raises(ConfigError, match=r"soap\.not_understood"):
        call(Http(envelope(fault("a:ActionNotSupported")), 500), write=True)


@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_means_what_the_connector_says(status: int) -> None:
    heard: list[soap.Fault] = []

    def explain(told: soap.Fault) -> ConnectorError:
        heard.append(told)
        return Rejected("test.refused", detail=told.text)

    with pytest.raises(Rejected, match="bad number"):
        call(Http(envelope(fault("s:Client.Data", "bad number")), status), explain=explain, write=True)
    assert heard == [soap.Fault(("Client", "Data"), "bad number")]


def test_a_fault_without_a_meaning_passes_on_reads_and_leaves_writes_unknown() -> None:
    http = Http(envelope(fault("s:Server", "busy")))
    with pytest.raises(TransientError, match="busy"):
        call(http)
    with pytest.raises(OutcomeUnknown, match="busy"):
        call(http, write=True)
    with pytest.raises(OutcomeUnknown, match="later"):
        call(http, write=True, explain=lambda told: TransientError("test.later", detail="later"))


@pytest.mark.parametrize("status", [401, 403, 429])
def test_statuses_with_a_meaning_of_their_own_keep_it(status: int) -> None:
    http = Http(envelope(fault("s:Client")), status)
    with pytest.raises(ConnectorError, match=r"http\.other"):
        call(http, explain=lambda told: Rejected("test.refused"))


def test_faults_of_soap_12_are_read() -> None:
    text = (
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>w:InvalidSecurity</s:Value></s:Subcode>"
        '</s:Code><s:Reason><s:Text xml:lang="tr">yok</s:Text></s:Reason></s:Fault>'
    )
    found = soap.fault_of(xml.parse(envelope(text, SOAP_12)))
    assert found == soap.Fault(("Sender", "InvalidSecurity"), "yok")
    assert soap.fault_of(xml.parse(envelope("<x/>"))) is None


def test_a_planned_request_comes_through() -> None:
    class Dry(Http):
        def request(self, method: str, path: str, **options: Any) -> Response:
            if method == "POST":
                raise PlannedRequest(PlannedCall(method, path))
            return super().request(method, path, **options)

    with pytest.raises(PlannedRequest):
        call(Dry(), write=True)


def test_one_description_serves_many_threads() -> None:
    http = Http()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: call(http, {"Kind": str(n)}), range(64)))
    assert all(answer["Total"] == Decimal("12.30") for answer in answers)
    kinds = {xml.parse(sent["content"]).find(".//{urn:t}Store").get("Kind") for sent in http.sent}  # type: ignore[union-attr]
    assert kinds == {str(n) for n in range(64)}


def test_without_zeep_the_fix_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(soap, "import_module", missing)
    with pytest.raises(ConfigError) as caught:
        call(Http())
    assert "kopru[soap]" in caught.value.message.en
