"""The service descriptions of the simulated Uyumsoft: WSDL and schemas with what the connector may call.

Written from the vendor's documents, with the quirks of the real one: scalar members are attributes, list
queries want their unused dates as nil, and every address inside names the live server by plain HTTP.
"""

from collections.abc import Mapping

NAMESPACE = "http://tempuri.org/"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"

_LIVE = "http://efatura.uyumsoft.com.tr/Services"

Arguments = tuple[tuple[str, str], ...]

_DOCUMENT: Arguments = (("invoiceId", "xs:string"),)
_DOCUMENTS: Arguments = (("invoiceIds", "t:ArrayOfString"),)

OPERATIONS: Mapping[str, tuple[Arguments, str]] = {
    "TestConnection": ((), "FlagResponse"),
    "WhoAmI": ((), "IdentityResponse"),
    "IsEInvoiceUser": ((("vknTckn", "xs:string"), ("alias", "xs:string")), "FlagResponse"),
    "GetUserAliasses": ((("vknTckn", "xs:string"),), "UserAliassesResponse"),
    "SendInvoice": ((("invoices", "t:ArrayOfInvoiceInfo"),), "InvoiceIdentitiesResponse"),
    "QueryOutboxInvoiceStatus": (_DOCUMENTS, "InvoiceStatusResponse"),
    "GetOutboxInvoiceStatusWithLogs": (_DOCUMENTS, "InvoiceStatusResponse"),
    "GetOutboxInvoiceList": ((("query", "t:OutboxInvoiceListQueryModel"),), "InvoiceListResponse"),
    "GetInboxInvoiceList": ((("query", "t:InboxInvoiceListQueryModel"),), "InvoiceListResponse"),
    "GetOutboxInvoiceData": (_DOCUMENT, "InvoiceDataResponse"),
    "GetOutboxInvoicePdf": (_DOCUMENT, "InvoiceDataResponse"),
    "GetOutboxInvoiceView": (_DOCUMENT, "InvoiceViewResponse"),
    "GetInboxInvoiceData": (_DOCUMENT, "InvoiceDataResponse"),
    "GetInboxInvoicePdf": (_DOCUMENT, "InvoiceDataResponse"),
    "GetInboxInvoiceView": (_DOCUMENT, "InvoiceViewResponse"),
    "CancelEArchiveInvoice": ((("request", "t:EArchiveCancelInvoiceContext"),), "FlagResponse"),
}
"""Operation → its arguments and the type of its result."""

_ATTRIBUTES: Mapping[str, str] = {
    "UserInformation": "Username:string Password:string",
    "CustomerInfo": "VknTckn:string Alias:string Title:string",
    "ShipmentCarier": "SenderTcknVkn:string SenderName:string",
    "InvoiceIdentity": "Id:string Number:string InvoiceScenario:string",
    "InvoiceStatusInfo": "Status:string StatusCode:int InvoiceId:string Message:string "
    "EnvelopeStatusCode:int",
    "EArchiveCancelInvoiceContext": "InvoiceId:string CancelDate:dateTime",
    "SystemUserDefinition": "Identifier:string Title:string Type:string",
    "SystemUserAlias": "Alias:string Type:int SystemCreateDate:string Enabled:boolean",
    "ServiceInformation": "HasEarchive:boolean HasEInvoice:boolean",
}
"""Types that consist of attributes."""

_TYPES = """
<xs:complexType name="Response">
  <xs:attribute name="IsSucceded" type="xs:boolean" use="required"/>
  <xs:attribute name="Message" type="xs:string"/>
</xs:complexType>
<xs:complexType name="FlagResponse"><xs:complexContent><xs:extension base="t:Response">
  <xs:attribute name="Value" type="xs:boolean"/>
</xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="ArrayOfString"><xs:sequence>
  <xs:element minOccurs="0" maxOccurs="unbounded" name="string" nillable="true" type="xs:string"/>
</xs:sequence></xs:complexType>
<xs:complexType name="Identity"><xs:sequence>
  <xs:element minOccurs="0" name="Customer" type="t:Customer"/>
  <xs:element minOccurs="0" name="Services" type="t:ServiceInformation"/>
</xs:sequence></xs:complexType>
<xs:complexType name="Customer"><xs:sequence>
  <xs:element minOccurs="0" name="Name" type="xs:string"/>
  <xs:element minOccurs="0" name="VkTckNo" type="xs:string"/>
</xs:sequence></xs:complexType>
<xs:complexType name="SystemUserWithAlias"><xs:sequence>
  <xs:element minOccurs="0" name="Definition" type="t:SystemUserDefinition"/>
  <xs:element minOccurs="0" maxOccurs="unbounded" name="ReceiverboxAliases" type="t:SystemUserAlias"/>
  <xs:element minOccurs="0" maxOccurs="unbounded" name="SenderboxAliases" type="t:SystemUserAlias"/>
</xs:sequence></xs:complexType>
<xs:complexType name="ArrayOfInvoiceInfo"><xs:sequence>
  <xs:element minOccurs="0" maxOccurs="unbounded" name="InvoiceInfo" nillable="true" type="t:InvoiceInfo"/>
</xs:sequence></xs:complexType>
<xs:complexType name="InvoiceInfo">
  <xs:sequence>
    <xs:element minOccurs="0" name="Invoice" type="u:InvoiceType"/>
    <xs:element minOccurs="0" name="TargetCustomer" type="t:CustomerInfo"/>
    <xs:element minOccurs="0" name="EArchiveInvoiceInfo" type="t:EArchiveInvoiceInformation"/>
    <xs:element name="Scenario" type="xs:string"/>
    <xs:element name="CreateDateUtc" type="xs:dateTime"/>
  </xs:sequence>
  <xs:attribute name="LocalDocumentId" type="xs:string"/>
  <xs:attribute name="ExtraInformation" type="xs:string"/>
</xs:complexType>
<xs:complexType name="EArchiveInvoiceInformation">
  <xs:sequence>
    <xs:element minOccurs="0" name="InternetSalesInfo" type="t:InternetSalesInformation"/>
    <xs:element minOccurs="0" maxOccurs="unbounded" name="WithHoldings" type="t:WithHolding"/>
  </xs:sequence>
  <xs:attribute name="DeliveryType" type="xs:string" use="required"/>
</xs:complexType>
<xs:complexType name="InternetSalesInformation"><xs:sequence>
  <xs:element minOccurs="0" name="WebAddress" type="xs:string"/>
  <xs:element minOccurs="0" name="PaymentMidierName" type="xs:string"/>
  <xs:element minOccurs="0" name="PaymentType" type="xs:string"/>
  <xs:element name="PaymentDate" nillable="true" type="xs:dateTime"/>
  <xs:element minOccurs="0" name="ShipmentInfo" type="t:ShipmentInformation"/>
</xs:sequence></xs:complexType>
<xs:complexType name="ShipmentInformation"><xs:sequence>
  <xs:element name="SendDate" nillable="true" type="xs:dateTime"/>
  <xs:element minOccurs="0" name="Carier" type="t:ShipmentCarier"/>
</xs:sequence></xs:complexType>
<xs:complexType name="WithHolding"><xs:sequence>
  <xs:element minOccurs="0" name="Code" type="xs:string"/>
  <xs:element name="Rate" type="xs:decimal"/><xs:element name="Total" type="xs:decimal"/>
</xs:sequence></xs:complexType>
<xs:complexType name="InvoiceListQueryModel">
  <xs:sequence>
    <xs:element name="ExecutionStartDate" nillable="true" type="xs:dateTime"/>
    <xs:element name="ExecutionEndDate" nillable="true" type="xs:dateTime"/>
    <xs:element name="CreateStartDate" nillable="true" type="xs:dateTime"/>
    <xs:element name="CreateEndDate" nillable="true" type="xs:dateTime"/>
    <xs:element minOccurs="0" maxOccurs="unbounded" name="InvoiceIds" type="xs:string"/>
    <xs:element name="SortColumn" nillable="true" type="xs:string"/>
    <xs:element name="SortMode" nillable="true" type="xs:string"/>
  </xs:sequence>
  <xs:attribute name="PageIndex" type="xs:int" use="required"/>
  <xs:attribute name="PageSize" type="xs:int" use="required"/>
</xs:complexType>
<xs:complexType name="OutboxInvoiceListQueryModel"><xs:complexContent>
  <xs:extension base="t:InvoiceListQueryModel"/>
</xs:complexContent></xs:complexType>
<xs:complexType name="InboxInvoiceListQueryModel"><xs:complexContent>
<xs:extension base="t:InvoiceListQueryModel">
  <xs:attribute name="OnlyNewestInvoices" type="xs:boolean" use="required"/>
</xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="InvoiceListPage">
  <xs:sequence>
    <xs:element minOccurs="0" maxOccurs="unbounded" name="Items" type="t:InvoiceListItem"/>
  </xs:sequence>
  <xs:attribute name="PageIndex" type="xs:int"/><xs:attribute name="PageSize" type="xs:int"/>
  <xs:attribute name="TotalCount" type="xs:int"/><xs:attribute name="TotalPages" type="xs:int"/>
</xs:complexType>
<xs:complexType name="InvoiceListItem"><xs:sequence>
  <xs:element minOccurs="0" name="InvoiceId" type="xs:string"/>
  <xs:element minOccurs="0" name="DocumentId" type="xs:string"/>
  <xs:element name="Type" type="xs:string"/>
  <xs:element minOccurs="0" name="TargetTcknVkn" type="xs:string"/>
  <xs:element minOccurs="0" name="TargetTitle" type="xs:string"/>
  <xs:element name="Status" type="xs:string"/><xs:element name="StatusCode" type="xs:int"/>
  <xs:element minOccurs="0" name="Message" type="xs:string"/>
  <xs:element name="CreateDateUtc" type="xs:dateTime"/>
  <xs:element name="ExecutionDate" nillable="true" type="xs:dateTime"/>
  <xs:element name="PayableAmount" type="xs:decimal"/>
  <xs:element minOccurs="0" name="DocumentCurrencyCode" type="xs:string"/>
</xs:sequence></xs:complexType>
<xs:complexType name="InvoiceData">
  <xs:sequence><xs:element minOccurs="0" name="Data" type="xs:base64Binary"/></xs:sequence>
  <xs:attribute name="InvoiceId" type="xs:string"/>
</xs:complexType>
<xs:complexType name="ViewResult"><xs:sequence>
  <xs:element minOccurs="0" name="Html" type="xs:string"/>
</xs:sequence></xs:complexType>
"""

_RESULTS: Mapping[str, tuple[str, str]] = {
    "IdentityResponse": ("Identity", "1"),
    "UserAliassesResponse": ("SystemUserWithAlias", "1"),
    "InvoiceIdentitiesResponse": ("InvoiceIdentity", "unbounded"),
    "InvoiceStatusResponse": ("InvoiceStatusInfo", "unbounded"),
    "InvoiceListResponse": ("InvoiceListPage", "1"),
    "InvoiceDataResponse": ("InvoiceData", "1"),
    "InvoiceViewResponse": ("ViewResult", "1"),
}
"""Result types whose ``Value`` is an element: its type and how often it may come."""


def wsdl(interface: str) -> bytes:
    """Return the WSDL of an interface, ``Integration`` or ``BasicIntegration``."""
    address = f"{_LIVE}/{interface}"
    messages, operations, bindings = [], [], []
    for name in OPERATIONS:
        messages += [_message(f"{name}_In", name), _message(f"{name}_Out", f"{name}Response")]
        action = f"{NAMESPACE}I{interface}/{name}"
        operations.append(
            f'<w:operation name="{name}"><w:input wsaw:Action="{action}" message="t:{name}_In"/>'
            f'<w:output wsaw:Action="{action}Response" message="t:{name}_Out"/></w:operation>'
        )
        bindings.append(
            f'<w:operation name="{name}"><s:operation soapAction="{action}" style="document"/>'
            '<w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output>'
            "</w:operation>"
        )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:wsaw="http://www.w3.org/2006/05/addressing/wsdl"
  xmlns:t="{NAMESPACE}" name="{interface}" targetNamespace="{NAMESPACE}">
<w:types><xs:schema targetNamespace="{NAMESPACE}Imports">
<xs:import schemaLocation="{address}?xsd=xsd0" namespace="{NAMESPACE}"/>
<xs:import schemaLocation="{address}?xsd=xsd1" namespace="{UBL}"/>
</xs:schema></w:types>
{"".join(messages)}
<w:portType name="I{interface}">{"".join(operations)}</w:portType>
<w:binding name="Basic_I{interface}" type="t:I{interface}">
<s:binding transport="http://schemas.xmlsoap.org/soap/http"/>{"".join(bindings)}</w:binding>
<w:service name="{interface}"><w:port name="Basic_I{interface}" binding="t:Basic_I{interface}">
<s:address location="{address}"/></w:port></w:service>
</w:definitions>""".encode()


def schema(interface: str, name: str) -> bytes | None:
    """Return a schema the WSDL imports, ``None`` for another name."""
    if name == "xsd0":
        return _service_schema(interface)
    return _UBL_SCHEMA if name == "xsd1" else None


def _service_schema(interface: str) -> bytes:
    login: Arguments = (("userInfo", "t:UserInformation"),) if interface == "BasicIntegration" else ()
    elements = [
        _element(name, (*login, *arguments))
        + _element(f"{name}Response", ((f"{name}Result", f"t:{result}"),))
        for name, (arguments, result) in OPERATIONS.items()
    ]
    attributes = [_attribute_type(name, fields) for name, fields in _ATTRIBUTES.items()]
    results = [_result_type(name, value, most) for name, (value, most) in _RESULTS.items()]
    return f"""<?xml version="1.0" encoding="utf-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{NAMESPACE}" xmlns:u="{UBL}"
  elementFormDefault="qualified" targetNamespace="{NAMESPACE}">
<xs:import schemaLocation="{_LIVE}/{interface}?xsd=xsd1" namespace="{UBL}"/>
{"".join(elements)}{"".join(attributes)}{"".join(results)}{_TYPES}
</xs:schema>""".encode()


_UBL_SCHEMA = f"""<?xml version="1.0" encoding="utf-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified" targetNamespace="{UBL}">
<xs:complexType name="InvoiceType"><xs:sequence>
<xs:any minOccurs="0" maxOccurs="unbounded" namespace="##other" processContents="skip"/>
</xs:sequence></xs:complexType>
</xs:schema>""".encode()


def _message(name: str, element: str) -> str:
    return f'<w:message name="{name}"><w:part name="parameters" element="t:{element}"/></w:message>'


def _element(name: str, children: Arguments) -> str:
    parts = "".join(f'<xs:element minOccurs="0" name="{child}" type="{kind}"/>' for child, kind in children)
    content = f"<xs:complexType><xs:sequence>{parts}</xs:sequence></xs:complexType>"
    return f'<xs:element name="{name}">{content}</xs:element>'


def _attribute_type(name: str, fields: str) -> str:
    pairs = (field.split(":") for field in fields.split())
    parts = "".join(f'<xs:attribute name="{field}" type="xs:{kind}"/>' for field, kind in pairs)
    return f'<xs:complexType name="{name}">{parts}</xs:complexType>'


def _result_type(name: str, value: str, most: str) -> str:
    return (
        f'<xs:complexType name="{name}"><xs:complexContent><xs:extension base="t:Response"><xs:sequence>'
        f'<xs:element minOccurs="0" maxOccurs="{most}" name="Value" type="t:{value}"/>'
        "</xs:sequence></xs:extension></xs:complexContent></xs:complexType>"
    )
