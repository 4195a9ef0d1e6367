"""What ETA's procedures and columns complain about."""

from kopru.sdk import ConfigError, ConnectorError, OutcomeUnknown, SqlRefusal, TransientError
from kopru.toolkit.fold import fold
from kopru_eta.texts import TEXTS

_NULL_REFUSED = 515
_UNKNOWN_TYPE = "tanimsiz fatura tipi"


def explain(refusal: SqlRefusal) -> ConnectorError | None:
    """Explain an invoice type the procedures do not know, and a column that was left empty."""
    if _UNKNOWN_TYPE in fold(refusal.message):
        return ConfigError("eta.type", TEXTS["eta.type"], detail=refusal.message[:300], field="invoice_types")
    if refusal.number == _NULL_REFUSED:
        return ConfigError("eta.null", TEXTS["eta.null"], detail=refusal.message[:300])
    return None


def unreadable(detail: str, *, write: bool = False) -> ConnectorError:
    """Return the error for rows of another shape than described."""
    kind = OutcomeUnknown if write else TransientError
    return kind("eta.answer", TEXTS["eta.answer"], detail=detail[:300])
