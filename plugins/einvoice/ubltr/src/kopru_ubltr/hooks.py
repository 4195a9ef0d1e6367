"""The two hooks of a format: both pure, both thin.

The work is imported on first use, so that listing plugins stays quick.
"""

from datetime import datetime

from kopru.model import Finding, Invoice, Rendered
from kopru.sdk import hookimpl
from kopru_ubltr.config import UblTrConfig
from kopru_ubltr.manifest import MANIFEST


class UblTr:
    """The UBL-TR format of GİB: e-Fatura and e-Arşiv invoices."""

    manifest = MANIFEST

    @hookimpl
    def render_invoice(self, config: UblTrConfig, invoice: Invoice) -> Rendered:
        """Turn an invoice into an unsigned UBL-TR document.

        Raises:
            Rejected: ``ubltr.render.rejected`` with one finding per reason.
        """
        from kopru_ubltr.render import render  # noqa: PLC0415

        return render(config, invoice)

    @hookimpl
    def validate_invoice(
        self, config: UblTrConfig, document: Rendered, today: datetime
    ) -> tuple[Finding, ...]:
        """Check sums, numbers and dates, then GİB's schema and schematron. Safe in several threads."""
        from kopru_ubltr.validate import validate  # noqa: PLC0415

        del config  # every rule is GİB's or arithmetic
        return validate(document.content, today)
