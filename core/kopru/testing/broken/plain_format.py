"""An honest format: the short UBL-TR of the samples, checked by its sums."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from kopru.hooks.errors import Rejected, Unsupported
from kopru.hooks.manifest import Manifest, PluginKind
from kopru.hooks.markers import hookimpl
from kopru.model import (
    Finding,
    Invoice,
    InvoiceKind,
    Profile,
    Rendered,
)
from kopru.testing import samples
from kopru.testing.broken.common import (
    TEXTS,
    TITLE,
)
from kopru.toolkit import xml


class NoSettings(BaseModel):
    """The format has no settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


FORMAT = Manifest(
    name="bazaar_format",
    kind=PluginKind.EINVOICE_FORMAT,
    title=TITLE,
    version="1",
    config=NoSettings,
    formats=((InvoiceKind.SALE, Profile.BASIC), (InvoiceKind.SALE, Profile.ARCHIVE)),
)


class Format:
    """A short UBL-TR."""

    manifest = FORMAT

    @hookimpl
    def render_invoice(self, config: NoSettings, invoice: Invoice) -> Rendered:
        """Write an invoice."""
        if (invoice.kind, invoice.profile) not in self.manifest.formats:
            raise Unsupported("bazaar.unsupported", TEXTS["bazaar.unsupported"])
        return samples.sample_document(invoice)

    @hookimpl
    def validate_invoice(
        self, config: NoSettings, document: Rendered, today: datetime
    ) -> tuple[Finding, ...]:
        """Check that the lines and the tax add up to the payable amount."""
        try:
            root = xml.parse(document.content)
            lines = xml.texts(root, "{*}InvoiceLine/{*}LineExtensionAmount")
            tax = xml.required_text(root, "{*}TaxTotal/{*}TaxAmount")
            payable = xml.required_text(root, "{*}LegalMonetaryTotal/{*}PayableAmount")
            wrong = sum(map(Decimal, (*lines, tax))) != Decimal(payable)
        except (Rejected, ArithmeticError):
            wrong = True
        unreadable = Finding(code="bazaar.answer", message=TEXTS["bazaar.answer"], field="PayableAmount")
        return (unreadable,) if wrong else ()


plain_format = Format()
