"""Days as people type them: calendar days in Istanbul."""

from datetime import date, datetime

from kopru.documents import ISTANBUL
from kopru.hooks.errors import ConfigError
from kopru.model import Text


def moment(text: str) -> datetime:
    """Return the beginning of a day, or the moment when a time is given.

    Raises:
        ConfigError: it is no day.
    """
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ISTANBUL)
    except ValueError as error:
        raise ConfigError(
            "cli.bad_day",
            Text(
                tr=f"“{text}” bir gün değil; 2026-11-01 biçiminde yazın.",
                en=f"“{text}” is no day; write it as 2026-11-01.",
            ),
        ) from error


def day(text: str) -> date:
    """Return a calendar day.

    Raises:
        ConfigError: it is none.
    """
    return moment(text).date()
