"""GraphQL calls: what an answer means, and what a document leaves out."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from kopru.hooks.errors import (
    AuthError,
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
    TransientError,
)
from kopru.hooks.io import Response
from kopru.toolkit import graphql
from kopru.toolkit.graphql import Problem


class Http:
    """Answers every request alike and applies ``explain`` as the transport does."""

    def __init__(self, body: object, status: int = 200) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.response = Response(status, {}, content)
        self.calls: list[dict[str, Any]] = []

    def request(self, method: str, path: str, **options: Any) -> Response:
        self.calls.append({"method": method, "path": path, **options})
        if self.response.status < 400:
            return self.response
        raise options["explain"](self.response) or ConnectorError("http.other")


def explain(problems: tuple[Problem, ...]) -> ConnectorError:
    kinds = {"LOGIN": AuthError, "BUSY": TransientError, "BAD": ConfigError}
    return kinds.get(problems[0].code, Rejected)("test.explained", detail=problems[0].message)


def call(http: Http, *, write: bool = False, listed: str = "") -> Any:
    ctx: Any = SimpleNamespace(http=http)
    return graphql.call(
        ctx,
        "/graphql",
        "query",
        {"a": 1},
        headers={"x-key": "k"},
        explain=explain,
        write=write,
        listed=listed,
    )


def problem(code: str) -> dict[str, Any]:
    return {"message": "no", "extensions": {"code": code}, "path": ["list", 0, "id"]}


def test_a_query_is_safe_and_a_mutation_is_not() -> None:
    for write in (False, True):
        http = Http({"data": {"a": 1}})
        assert call(http, write=write).data == {"a": 1}
        (sent,) = http.calls
        assert (sent["method"], sent["safe"]) == ("POST", not write)
        assert sent["json"] == {"query": "query", "variables": {"a": 1}}
        assert sent["headers"] == {"accept": "application/json", "x-key": "k"}


def test_listed_records_keep_their_bytes() -> None:
    http = Http(b'{"data": {"list": {"n": 2, "data": [ {"a":1.50}, null ]}}}')
    answer = call(http, listed="list.data")
    assert [item.raw.content for item in answer.items] == [b'{"a":1.50}', b"null"]
    assert answer.data["list"]["n"] == 2


@pytest.mark.parametrize("data", [None, {"list": {"data": [1]}}])
def test_problems_of_a_query_are_explained_and_its_data_is_not_read(data: Any) -> None:
    for code, kind in (("LOGIN", AuthError), ("BUSY", TransientError), ("BAD", ConfigError), ("?", Rejected)):
        with pytest.raises(kind, match="explained"):
            call(Http({"data": data, "errors": [problem(code)]}), listed="list.data")


def test_problems_of_a_mutation_that_was_not_carried_out() -> None:
    for code, kind in (("LOGIN", AuthError), ("BUSY", OutcomeUnknown), ("?", Rejected)):
        for data in (None, {"save": None}):
            with pytest.raises(kind):
                call(Http({"data": data, "errors": [problem(code)]}), write=True)


def test_problems_of_a_mutation_that_was_carried_out_leave_the_outcome_unknown() -> None:
    with pytest.raises(OutcomeUnknown, match="explained"):
        call(Http({"data": {"save": {"id": 1}}, "errors": [problem("?")]}), write=True)


@pytest.mark.parametrize("body", [b"", b"<html>", [], 5, None, {}, {"data": None}, {"data": []}, {"data": 5}])
def test_what_is_no_answer(body: Any) -> None:
    with pytest.raises(TransientError, match=r"graphql.answer"):
        call(Http(body))
    with pytest.raises(OutcomeUnknown, match=r"graphql.answer"):
        call(Http(body), write=True)


def test_error_statuses() -> None:
    with pytest.raises(ConfigError):
        call(Http({"errors": [problem("BAD")]}, 400))
    for status in (401, 403, 429, 500):
        with pytest.raises(ConnectorError, match=r"http.other"):
            call(Http({"errors": [problem("BAD")]}, status))
    with pytest.raises(ConnectorError, match=r"http.other"):
        call(Http({"message": "no"}, 400))
    with pytest.raises(ConnectorError, match=r"http.other"):
        call(Http(b"<html>", 404))


def test_problems_are_read_whatever_their_shape() -> None:
    assert graphql.problems({"errors": [problem("X")]}) == (Problem("X", "no", "list.0.id"),)
    assert graphql.problems({"errors": [{"message": {"a": 1}, "extensions": 5, "path": "x"}]}) == (
        Problem("", ""),
    )
    assert graphql.problems({"errors": "no"}) == (Problem("", "no"),)
    assert graphql.problems({"errors": []}) == graphql.problems({}) == graphql.problems(None) == ()
    assert len(graphql.problems({"errors": [None] * 100})) == 20


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ((), "id a { b c { d } } e"),
        (("a",), "id e"),
        (("c",), "id a { b } e"),
        (("d", "id"), "a { b c { } } e"),
        (("e", "b"), "id a { c { d } }"),
    ],
)
def test_fields_are_left_out_with_what_lies_in_them(names: tuple[str, ...], left: str) -> None:
    assert graphql.without("id a {\n b c { d } }\n e", names) == left
