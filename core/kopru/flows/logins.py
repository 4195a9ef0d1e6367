"""Logins of connections: short-lived credentials, renewed by one caller at a time, and no kill loses them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import SecretStr

from kopru.flows.env import Work
from kopru.flows.ports import Uow
from kopru.flows.texts import TEXTS
from kopru.hooks.errors import AuthError, RateLimited
from kopru.hooks.types import Credentials

TOKEN = "@credentials"  # noqa: S105 - the name of the place, not a secret
FORMER = "@credentials.former"
PLACES = (TOKEN, FORMER)
"""Where credentials lie among a connection's secrets: those in use, and those they replaced."""

REFRESH_EARLY = timedelta(seconds=60)
REFRESH_SECONDS = 30.0
"""Seconds the login may take."""
REFRESH_CLAIM = 60
"""Seconds nobody else logs in meanwhile; more than the login takes, so that a claim never ends under it."""

LogIn = Callable[[Credentials | None], Credentials]


def is_stale(credentials: Credentials | None) -> bool:
    """Whether a login is needed before the next call."""
    if credentials is None:
        return True
    return credentials.expires_at is not None and credentials.expires_at - REFRESH_EARLY < datetime.now(UTC)


def renew(work: Work, connection_id: UUID, used: Credentials | None, log_in: LogIn) -> Credentials:
    """Renew a connection's login, over all processes one caller at a time, and store it before it is used.

    ``used`` is what did not work or is too old; what another caller has renewed meanwhile is taken as it is.
    Credentials with a refresh token stay stored until those that replaced them are replaced themselves: a
    remote may have answered a process that died before it could store the answer.

    Raises:
        AuthError: every way to log in was refused.
        RateLimited: another caller is about it.
    """
    with work.read() as uow:
        claimed = uow.connections.claim_refresh(connection_id, REFRESH_CLAIM)
        # Read after the claim: whoever held it before has stored what it got.
        present, former = _held(uow, connection_id)
        renewed = present if present != used and not is_stale(present) else None
        if claimed and renewed is not None:
            uow.connections.release_refresh(connection_id)
    if renewed is not None:
        return renewed
    if not claimed:
        raise RateLimited("connection.refreshing", TEXTS["connection.refreshing"], retry_after=1.0)
    try:
        fresh = _first_accepted(log_in, present, former)
        with work.read() as uow:
            uow.connections.put_secrets(connection_id, _to_store(fresh, present))
    finally:
        with work.read() as uow:
            uow.connections.release_refresh(connection_id)
    return fresh


def _first_accepted(log_in: LogIn, present: Credentials | None, former: Credentials | None) -> Credentials:
    """Log in by the first way that is not refused."""
    refused: AuthError | None = None
    for credentials in _ways(present, former):
        try:
            return log_in(credentials)
        except AuthError as error:
            refused = refused or error
    assert refused is not None
    raise refused


def _ways(present: Credentials | None, former: Credentials | None) -> Iterator[Credentials | None]:
    """Yield what to log in with: each refresh token there is, then the settings alone.

    Without a refresh token there is one way, so that a wrong password is not tried twice.
    """
    tokens = [each for each in (present, former) if each is not None and each.refresh_token is not None]
    if not tokens:
        yield present
        return
    yield tokens[0]
    if tokens[1:] and tokens[1].refresh_token != tokens[0].refresh_token:
        yield tokens[1]
    yield None


def _to_store(fresh: Credentials, replaced: Credentials | None) -> dict[str, str]:
    keeps = replaced is not None and replaced.refresh_token not in (None, fresh.refresh_token)
    former = {FORMER: credentials_json(replaced)} if keeps and replaced is not None else {}
    return {TOKEN: credentials_json(fresh), **former}


def _held(uow: Uow, connection_id: UUID) -> tuple[Credentials | None, Credentials | None]:
    hidden = uow.connections.secrets(connection_id)
    return credentials_of(hidden.get(TOKEN)), credentials_of(hidden.get(FORMER))


def credentials_of(text: str | None) -> Credentials | None:
    """Return the credentials a stored text holds."""
    if not text:
        return None
    data = json.loads(text)
    expires = data.get("expires_at")
    refresh = data.get("refresh_token")
    return Credentials(
        access_token=SecretStr(data["access_token"]),
        expires_at=datetime.fromisoformat(expires) if expires else None,
        refresh_token=SecretStr(refresh) if refresh else None,
    )


def credentials_json(credentials: Credentials) -> str:
    """Return credentials as the text that is stored, encrypted."""
    expires, refresh = credentials.expires_at, credentials.refresh_token
    return json.dumps(
        {
            "access_token": credentials.access_token.get_secret_value(),
            "expires_at": expires.isoformat() if expires else None,
            "refresh_token": refresh.get_secret_value() if refresh else None,
        }
    )
