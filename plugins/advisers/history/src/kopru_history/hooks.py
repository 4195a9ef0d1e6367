"""The hook of the adviser. Everything it knows comes with the call."""

from kopru.sdk import Ctx, LineAdvice, LineBatch, hookimpl
from kopru_history.config import HistoryConfig
from kopru_history.manifest import MANIFEST


class History:
    """Advice from a partner's earlier postings and prices."""

    manifest = MANIFEST

    @hookimpl
    def map_line(self, ctx: Ctx[HistoryConfig], batch: LineBatch) -> tuple[LineAdvice, ...]:
        """Compare each line with what was posted of the partner before."""
        from kopru_history.past import Past  # noqa: PLC0415 - listing plugins stays quick
        from kopru_history.weighing import advice_on  # noqa: PLC0415

        if not batch.past:
            return ()
        past = Past(batch.past, ctx.config.months)
        return tuple(advice for line in batch.lines for advice in advice_on(line, past, ctx.config))
