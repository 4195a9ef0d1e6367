"""Connection check, login and the remote's own lists."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretBytes, SecretStr

from kopru.hooks.errors import AuthError, TransientError
from kopru.hooks.types import CheckResult, Definition
from kopru.model import Text
from kopru.testing.contract.base import Suite, needs
from kopru.testing.contract.failure import Failure, LeftOut, expect, expect_same
from kopru.testing.contract.session import Session
from kopru.testing.contract.subject import Subject
from kopru.testing.faults import Fault, FaultKind

WRONG = "kopru-wrong-secret"


class ConnectionSuite(Suite):
    """Tests of ``check_connection`` that need no server."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether there is something to connect to."""
        return subject.connects

    @needs("check_connection")
    def test_check_is_green(self) -> None:
        """Fails when the check of a working connection finds fault, or says nothing at all."""
        with self.connected() as session:
            for ctx in (session.fresh_ctx(), session.ctx()):
                result = session.call("check_connection", ctx=ctx)
                expect(result.items, "check_connection looked at nothing.")
                red = [f"{item.name}: {item.message.en}" for item in result.items if not item.ok]
                expect(not red, f"A working connection was found faulty: {'; '.join(red)}")

    @needs("fetch_definitions")
    def test_definitions_are_stable(self) -> None:
        """Fails when definitions are empty, lack kind or code, come twice, or change between two reads."""
        with self.connected() as session:
            found: tuple[Definition, ...] = session.call("fetch_definitions")
            expect(found, "fetch_definitions found nothing; a plugin without lists does not implement it.")
            for each in found:
                expect(isinstance(each, Definition), f"fetch_definitions returned {each!r}.")
                expect(each.kind.strip() and each.code.strip(), f"A definition lacks kind or code: {each!r}")
            keys = [(each.kind, each.code) for each in found]
            expect_same(len(set(keys)), len(keys), "Distinct definitions")
            expect_same(session.call("fetch_definitions"), found, "A second read")


class RemoteConnectionSuite(Suite):
    """Tests of ``check_connection`` and login against a server that makes trouble."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether there is a simulator."""
        return subject.simulator is not None

    @needs("check_connection")
    def test_check_tells_wrong_credentials(self) -> None:
        """Fails when the check stays green, raises, or gives no fix while the server refuses the key.

        Look at what ``check_connection`` does with ``AuthError``: it becomes an item with a ``fix``.
        """
        with self.connected() as session:
            _expect_red(session, wrong_config(session), "every secret of the settings is wrong")
        for status in (401, 403):
            with self.connected() as session:
                session.simulator.faults.add(Fault(FaultKind.STATUS, status=status))
                _expect_red(session, None, f"the server answers {status}")

    @needs("check_connection")
    def test_check_tells_unreachable_server(self) -> None:
        """Fails when the check stays green, raises, or gives no fix while nobody answers."""
        with self.connected() as session:
            session.simulator.stop()
            _expect_red(session, None, "the server is down")

    @needs("check_connection")
    def test_check_tells_failing_server(self) -> None:
        """Fails when the check stays green, raises, or gives no fix while the server fails or babbles."""
        faults = (
            Fault(FaultKind.STATUS, status=500),
            Fault(FaultKind.STATUS, status=429),
            Fault(FaultKind.MALFORMED),
        )
        for fault in faults:
            with self.connected() as session:
                session.simulator.faults.add(fault)
                _expect_red(session, None, f"the server shows {fault.kind} {fault.status}")

    @needs("check_connection")
    def test_check_writes_nothing(self) -> None:
        """Fails when the check leaves something behind; it may run at any time on live systems."""
        with self.connected() as session:
            before = len(session.simulator.truth)
            _check(session)
            expect_same(len(session.simulator.truth), before, "Facts after the check")

    @needs("refresh_credentials")
    def test_login_gives_hidden_credentials(self) -> None:
        """Fails when the login gives no token, or a token that shows when it is printed."""
        with self.connected() as session:
            credentials = session.call("refresh_credentials", ctx=session.fresh_ctx())
            token = credentials.access_token.get_secret_value()
            expect(token, "The access token is empty.")
            expect(token not in repr(credentials), "The access token shows when the credentials are printed.")
            expires = credentials.expires_at
            expect(expires is None or expires.tzinfo is not None, "expires_at is not aware.")

    @needs("refresh_credentials")
    def test_login_refused(self) -> None:
        """Fails when a refused login is not an ``AuthError``, or a dead server not a ``TransientError``."""
        with self.connected() as session:
            wrong = session.ctx(config=wrong_config(session))
            error = session.error("refresh_credentials", ctx=wrong, when="every secret is wrong")
            expect(isinstance(error, AuthError), f"A refused login raised {type(error).__name__}.")
            session.simulator.faults.add(Fault(FaultKind.STATUS, status=401))
            error = session.error("refresh_credentials", ctx=session.fresh_ctx(), when="the server said 401")
            expect(isinstance(error, AuthError), f"401 at login raised {type(error).__name__}.")
            session.simulator.stop()
            error = session.error("refresh_credentials", ctx=session.fresh_ctx(), when="the server is down")
            expect(isinstance(error, TransientError), f"A dead server raised {type(error).__name__}.")


def wrong_config(session: Session) -> Mapping[str, Any]:
    """Return the settings with every secret replaced by a wrong one of the same length."""
    secret = {
        name
        for name in type(session.settings).model_fields
        if isinstance(getattr(session.settings, name), SecretStr | SecretBytes)
    }
    given = secret & set(session.config)
    if not given:
        raise LeftOut("The settings hold no secret.")
    wrong = {name: (WRONG * 10)[: max(len(str(session.config[name])), len(WRONG))] for name in given}
    return {**session.config, **wrong}


def _check(session: Session, config: Mapping[str, Any] | None = None) -> CheckResult:
    """Run the check without any login made before, as for a connection that is not active yet."""
    ctx = session.fresh_ctx() if config is None else session.ctx(config=config)
    result: CheckResult = session.call("check_connection", ctx=ctx)
    return result


def _expect_red(session: Session, config: Mapping[str, Any] | None, when: str) -> None:
    try:
        result = _check(session, config)
    except Exception as error:
        message = f"check_connection raised {type(error).__name__} although it must tell: {when}. {error}"
        raise Failure(message) from error
    expect(not result.ok, f"check_connection is green although {when}.")
    for item in result.items:
        if not item.ok:
            expect(item.fix is not None, f"“{item.name}” has no fix ({when}).")
            _expect_both_languages(item.name, item.message)
            _expect_both_languages(item.name, item.fix)


def _expect_both_languages(name: str, text: Text | None) -> None:
    if text is None:
        return
    expect(text.tr.strip() and text.en.strip(), f"“{name}” lacks a language.")
    expect(text.tr != text.en, f"“{name}” says the same in both languages: {text.tr[:100]}")
