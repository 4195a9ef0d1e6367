"""What SQL Server's error numbers mean, as documented in ``kopru.hooks.io.SqlRun``.

Numbers are those of Microsoft's list of database engine errors (``sys.messages``).
"""

import re
from collections.abc import Mapping

from kopru.hooks.errors import (
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    OutcomeUnknown,
    PluginBug,
    RateLimited,
    Rejected,
    TransientError,
)
from kopru.transport.sqldriver import Broken, Refused, Unreachable
from kopru.transport.texts import TEXTS

_BUSY = (40501, 10928, 10929, 49918, 49919, 49920)
_WAIT = re.compile(r"after (\d{1,6}) seconds", re.IGNORECASE)

_CLASSES: Mapping[str, tuple[type[ConnectorError], tuple[int, ...]]] = {
    "sql.login": (AuthError, (18452, 18456, 18470, 18486, 18487, 18488)),
    "sql.database": (ConfigError, (911, 4060, 916)),
    "sql.permission": (ConfigError, (229, 230, 262, 297, 300)),
    "sql.unknown_object": (ConfigError, (207, 208, 2812, 4902)),
    "sql.undone": (TransientError, (1204, 1205, 1222, 3960, 40613)),
    "sql.exists": (Conflict, (2601, 2627)),
    "sql.statement_refused": (PluginBug, (102, 105, 137, 156, 170, 201, 8144, 8145)),
}
_BY_NUMBER = {number: (code, kind) for code, (kind, numbers) in _CLASSES.items() for number in numbers}


def refused(error: Refused) -> ConnectorError:
    """Return the error a server's answer stands for; numbers that say nothing here are a refusal."""
    detail = f"SQL Server {error.number}: {error.message}"[:500]
    if error.number in _BUSY:
        found = _WAIT.search(error.message)
        wait = float(found[1]) if found else None
        return RateLimited("sql.busy", TEXTS["sql.busy"], retry_after=wait, detail=detail)
    code, kind = _BY_NUMBER.get(error.number, ("sql.rejected", Rejected))
    return kind(code, TEXTS.text(code, number=error.number, text=error.message[:300]), detail=detail)


def broken(error: Broken, *, written: bool) -> ConnectorError:
    """Return the error a lost connection or answer stands for."""
    if written:
        return OutcomeUnknown("sql.outcome_unknown", TEXTS["sql.outcome_unknown"], detail=str(error)[:300])
    code = "sql.timeout" if error.late else "sql.connection_lost"
    return TransientError(code, TEXTS[code], detail=str(error)[:300])


def unreachable(error: Unreachable) -> ConnectorError:
    """Return the error for a server that cannot be reached; nothing was sent."""
    return TransientError("sql.unreachable", TEXTS["sql.unreachable"], detail=str(error)[:300])
