"""Check a rendered document by every rule that needs no network."""

from datetime import datetime

from kopru.model import Finding
from kopru.sdk import Rejected
from kopru.toolkit.validation import rejection_findings
from kopru_ubltr import arithmetic, checks, gib
from kopru_ubltr.reader import read


def validate(content: bytes, today: datetime) -> tuple[Finding, ...]:
    """Return the findings of our own checks, then those of GİB's rules; no blocking finding means valid.

    Hostile or broken input gives one finding. ``today`` is an aware time; its Istanbul day counts.
    """
    try:
        document = read(content)
    except Rejected as refusal:
        return rejection_findings(refusal)
    sums = tuple(arithmetic.findings(document))
    own = (*checks.findings(document, content, today), *sums)
    return (*own[: gib.MOST], *gib.findings(content, arithmetic=not sums and not document.problems))
