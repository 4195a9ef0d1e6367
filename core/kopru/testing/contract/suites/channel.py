"""E-invoice channels and labels: who is registered, and documents that come back as they were sent."""

from kopru.hooks.errors import AuthError, ConnectorError, Rejected, TransientError, Unsupported
from kopru.hooks.types import DocumentFormat, Label, Operation, OrderAction
from kopru.model import ExternalRef, Recipient, Rendered, TaxId, TaxScheme
from kopru.testing.contract.base import Suite, needs
from kopru.testing.contract.failure import LeftOut, expect, expect_same
from kopru.testing.contract.operations import (
    CASES,
    StatusUpdate,
    document_ref,
    orders_of,
    persons,
    registered,
)
from kopru.testing.contract.session import Session
from kopru.testing.contract.subject import Subject
from kopru.testing.contract.writes import Intent
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import WorldBuyer


class ChannelSuite(Suite):
    """Tests of ``lookup_recipient``, ``fetch_document`` and ``fetch_label``."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether there is a simulator."""
        return subject.simulator is not None

    @needs("lookup_recipient")
    def test_lookup_finds_registered_companies(self) -> None:
        """Fails when a registered company's mailboxes are not exactly those it registered."""
        with self.connected() as session:
            for buyer in registered(session)[:3]:
                found = _lookup(session, buyer)
                expect(found.registered, f"{buyer.tax_number} is registered, but was not found.")
                aliases = sorted(box.alias for box in found.mailboxes)
                expect_same(aliases, sorted(buyer.aliases), f"Mailboxes of {buyer.tax_number}")
                expect_same(found.tax_id.value, buyer.tax_number, "Tax number of the answer")

    @needs("lookup_recipient")
    def test_lookup_tells_who_is_not_registered(self) -> None:
        """Fails when somebody who is not registered gets a mailbox, or the look-up raises for them."""
        with self.connected() as session:
            unregistered = [buyer for buyer in session.world.buyers if buyer.company and not buyer.aliases]
            for buyer in (*unregistered[:2], *persons(session)[:2]):
                expect(not _lookup(session, buyer).registered, f"{buyer.tax_number} is not registered.")
            foreign = TaxId(scheme=TaxScheme.FOREIGN, value="X1234567")
            expect(not session.call("lookup_recipient", foreign).registered, "A foreigner is registered.")

    @needs("lookup_recipient")
    def test_lookup_tells_trouble(self) -> None:
        """Fails when trouble at the register looks like "not registered": a wrong document would follow."""
        kinds = ((401, AuthError), (500, TransientError), (404, ConnectorError), (422, ConnectorError))
        for status, wanted in kinds:
            with self.connected() as session:
                buyer = registered(session)[0]
                session.simulator.faults.add(Fault(FaultKind.STATUS, status=status))
                tax_id = TaxId(scheme=TaxScheme.VKN, value=buyer.tax_number)
                error = session.error("lookup_recipient", tax_id, when=f"the register answered {status}")
                expect(isinstance(error, wanted), f"{status} became {type(error).__name__}.")
        with self.connected() as session:
            tax_id = TaxId(scheme=TaxScheme.VKN, value=registered(session)[0].tax_number)
            session.simulator.faults.add(Fault(FaultKind.MALFORMED))
            session.error("lookup_recipient", tax_id, when="the register's answer was garbled")

    @needs("fetch_document", "submit_invoice")
    def test_documents_come_back(self) -> None:
        """Fails when the XML of a document just sent cannot be fetched, or is another document."""
        with self.connected() as session:
            for n in range(2):
                intent = _sent(self, session, n)
                invoice = intent.argument.invoice
                document = _document(session, intent, DocumentFormat.XML)
                expect(str(invoice.id).encode() in document.content, "The XML has another ETTN.")
                expect(invoice.number.encode() in document.content, "The XML has another number.")
                for form in (DocumentFormat.PDF, DocumentFormat.HTML):
                    try:
                        other = _document(session, intent, form)
                    except Unsupported:
                        continue
                    expect(other.content, f"The {form} is empty.")
                    expect(form.value in other.media_type, f"The {form} is called {other.media_type}.")

    @needs("fetch_document", "submit_invoice")
    def test_unknown_documents_are_told(self) -> None:
        """Fails when a document nobody sent is not ``Rejected`` with a code that ends in not_found."""
        with self.connected() as session:
            intent = _sent(self, session, 0)
            kind = document_ref(intent.argument.invoice).kind
            for identity in ("00000000-0000-4000-8000-00000000dead", "yok/../yok"):
                ref = ExternalRef(kind=kind, id=identity)
                when = f"there is no document {identity}"
                error = session.error("fetch_document", ref, DocumentFormat.XML, intent.archive, when=when)
                expect(isinstance(error, Rejected), f"An unknown document raised {type(error).__name__}.")
                expect(error.code.endswith("not_found"), f"An unknown document has the code {error.code}.")

    @needs("fetch_document", "submit_invoice")
    def test_documents_tell_trouble(self) -> None:
        """Fails when trouble at the server looks like a document, or like one that is not there."""
        with self.connected() as session:
            intent, faults = _sent(self, session, 0), session.simulator.faults
            for status, wanted in ((401, AuthError), (500, TransientError)):
                faults.add(Fault(FaultKind.STATUS, status=status))
                ref = document_ref(intent.argument.invoice)
                when = f"the server answered {status}"
                error = session.error("fetch_document", ref, DocumentFormat.XML, intent.archive, when=when)
                faults.clear()
                expect(isinstance(error, wanted), f"{status} became {type(error).__name__}.")

    @needs("fetch_label", "fetch_orders")
    def test_label_is_the_same_twice(self) -> None:
        """Fails when a label is empty, or asking twice gives two labels."""
        with self.connected() as session:
            order = orders_of(session)[0]
            try:
                label: Label = session.call("fetch_label", order)
            except Rejected:
                _prepare_parcel(self, session)
                label = session.call("fetch_label", order)
            expect(label.content, "The label is empty.")
            expect_same(session.call("fetch_label", order), label, "The label asked for again")


def _lookup(session: Session, buyer: WorldBuyer) -> Recipient:
    scheme = TaxScheme.VKN if buyer.company else TaxScheme.TCKN
    found: Recipient = session.call("lookup_recipient", TaxId(scheme=scheme, value=buyer.tax_number))
    return found


def _sent(suite: Suite, session: Session, n: int) -> Intent:
    case = CASES[Operation.SUBMIT_INVOICE](suite)
    intent = case.intent(session, n)
    case.follow(session, intent, case.send(session, intent))
    return intent


def _document(session: Session, intent: Intent, form: DocumentFormat) -> Rendered:
    ref = document_ref(intent.argument.invoice)
    document: Rendered = session.call("fetch_document", ref, form, intent.archive)
    return document


def _prepare_parcel(suite: Suite, session: Session) -> None:
    """Tell the source that the first order is being packed; some make labels only then."""
    if not hasattr(session.plugin, "update_order_status"):
        raise LeftOut("The source makes no label for a new order, and the plugin cannot prepare it.")
    case = StatusUpdate(suite, OrderAction.PREPARING)
    case.send(session, case.intent(session, 0))
