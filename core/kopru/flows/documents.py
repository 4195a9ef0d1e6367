"""Documents to look at: the archived XML and the channel's PDF."""

from kopru.flows.cases import document_ref
from kopru.flows.connections import call
from kopru.flows.env import Work
from kopru.flows.records import DocumentRow
from kopru.hooks import ports
from kopru.hooks.errors import Rejected
from kopru.hooks.types import DocumentFormat
from kopru.model import Rendered, Text


def fetch_xml(work: Work, document: DocumentRow) -> Rendered:
    """Return the XML as it was sent.

    Raises:
        Rejected: the document was not rendered yet.
    """
    with work.read() as uow:
        found = uow.archive.get(document.xml) if document.xml else None
    if found is None:
        raise Rejected(
            "document.no_xml",
            Text(tr="Belge henüz oluşturulmadı.", en="The document has not been rendered yet."),
        )
    return found


def fetch_pdf(work: Work, document: DocumentRow) -> Rendered:
    """Return the channel's PDF, from the archive once it was downloaded.

    Raises:
        Rejected: the document was not sent to a channel.
        ConnectorError: the channel cannot be asked.
    """
    if document.pdf:
        with work.read() as uow:
            found = uow.archive.get(document.pdf)
        if found is not None:
            return found
    if document.channel_id is None or document.issued_at is None:
        raise Rejected(
            "document.no_pdf",
            Text(
                tr="Belge henüz gönderilmedi; PDF'i entegratör üretir.",
                en="The document has not been sent yet; the integrator makes its PDF.",
            ),
        )
    pdf = call(
        work,
        document.channel_id,
        lambda opened: opened.use(ports.FetchesDocument).fetch_document(
            opened.ctx, document_ref(document), DocumentFormat.PDF, document.profile.is_archive
        ),
        seconds=60.0,
    )
    with work.write() as uow:
        uow.documents.set_pdf(document.id, uow.archive.put(pdf))
    return pdf
