"""An honest adviser: a line is what the partner's line of the same text was."""

from kopru.hooks.advice import LineAdvice, LineBatch
from kopru.hooks.manifest import Manifest, PluginKind
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import Ctx
from kopru.model import Text
from kopru.testing.broken.common import TITLE
from kopru.testing.broken.plain_format import NoSettings
from kopru.toolkit import fold

SAME = Text(tr="Aynı adla daha önce işlendi.", en="Posted under the same name before.")


class Adviser:
    """Knows texts and nothing else."""

    manifest = Manifest(
        name="bazaar_adviser", kind=PluginKind.ADVISER, title=TITLE, version="1", config=NoSettings
    )

    @hookimpl
    def map_line(self, ctx: Ctx[NoSettings], batch: LineBatch) -> tuple[LineAdvice, ...]:
        """Look each text up."""
        del ctx  # everything it knows is in the batch
        known = {fold.key(past.text): past.item_id for past in reversed(batch.past)}
        texts = ((line.id, fold.key(line.text)) for line in batch.lines)
        return tuple(LineAdvice(id, known[text], 0.5, SAME) for id, text in texts if text in known)


plain_adviser = Adviser()
