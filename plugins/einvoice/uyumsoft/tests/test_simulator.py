"""The simulated Uyumsoft behaves as the vendor's documents say."""

import httpx
import pytest

from kopru.testing.world import make_world
from kopru_uyumsoft import plugin
from kopru_uyumsoft.simulation.description import OPERATIONS

PATH = "/Services/Integration"
ACTION = "http://tempuri.org/IIntegration/TestConnection"
MESSAGE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<TestConnection xmlns="http://tempuri.org/"/></s:Body></s:Envelope>'
)


def post(simulator, content=MESSAGE, action=ACTION, path=PATH):
    return httpx.post(
        f"{simulator.url}{path}", content=content.encode(), headers={"SOAPAction": f'"{action}"'}
    )


def test_both_interfaces_describe_the_same_operations(simulator):
    for interface in ("Integration", "BasicIntegration"):
        text = httpx.get(f"{simulator.url}/Services/{interface}?wsdl").text
        assert all(f'soapAction="http://tempuri.org/I{interface}/{name}"' in text for name in OPERATIONS)
        schema = httpx.get(f"{simulator.url}/Services/{interface}?xsd=xsd0").text
        assert ("userInfo" in schema) is (interface == "BasicIntegration")
        assert httpx.get(f"{simulator.url}/Services/{interface}?xsd=xsd9").status_code == 404


def test_a_message_without_login_is_refused_by_a_fault(simulator):
    answer = post(simulator)
    assert answer.status_code == 500
    assert "a:InvalidSecurity" in answer.text
    basic = post(
        simulator,
        action=ACTION.replace("IIntegration", "IBasicIntegration"),
        path="/Services/BasicIntegration",
    )
    assert basic.status_code == 200
    assert 'IsSucceded="false"' in basic.text


@pytest.mark.parametrize(
    ("content", "action", "code"),
    [
        ("oops", ACTION, "s:Client"),
        (MESSAGE, "http://tempuri.org/IIntegration/WhoAmI", "a:ActionNotSupported"),
        (MESSAGE.replace("TestConnection", "Nothing"), ACTION, "a:ActionNotSupported"),
    ],
)
def test_messages_that_do_not_fit_are_refused(simulator, content, action, code):
    answer = post(simulator, content, action)
    assert (answer.status_code, code in answer.text) == (500, True)


def test_faults_can_be_aimed_at_an_operation(simulator, ctx):
    plugin.check_connection(ctx)
    assert [request.path for request in simulator.served] == [
        f"{PATH}/wsdl",
        f"{PATH}/xsd0",
        f"{PATH}/xsd1",
        f"{PATH}/TestConnection",
        f"{PATH}/WhoAmI",
    ]


def test_the_worlds_seller_is_the_company(simulator):
    world = make_world(3)
    simulator.load(world)
    assert simulator.account.tax_number == world.seller.tax_number
    assert all(buyer.tax_number in simulator.account.register for buyer in world.buyers if buyer.aliases)
