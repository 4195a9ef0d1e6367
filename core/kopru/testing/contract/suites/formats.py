"""Formats: the same bytes every time, and validation that can say no."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from kopru.hooks.errors import ConnectorError, Rejected, Unsupported
from kopru.model import Finding, Invoice, InvoiceKind, Profile, Rendered
from kopru.testing import samples
from kopru.testing.contract.base import Suite, needs
from kopru.testing.contract.failure import Failure, LeftOut, expect, expect_same
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.probe import probe_render
from kopru.testing.contract.session import called
from kopru.testing.contract.subject import Subject
from kopru.testing.world import WorldOrder, make_world
from kopru.toolkit import dates

_GROUP = "kopru.plugins"
_THREADS = 2
_HOSTILE = (
    b"",
    b"\x00\xff",
    b"{}",
    b"<Invoice/>",
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>",
    b"<a>" * 2000,
)


class FormatSuite(Suite):
    """Tests of ``render_invoice`` and ``validate_invoice``."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether the plugin is a format."""
        return subject.has("render_invoice")

    def test_rendering_is_stable(self) -> None:
        """Fails when rendering an invoice twice gives other bytes, here or in another process.

        Look for time, random ids, and sets whose order changes from process to process.
        """
        invoices = list(_invoices(self))
        first = [_render(self, invoice).content for invoice in invoices]
        second = [_render(self, invoice).content for invoice in reversed(invoices)][::-1]
        for invoice, one, other in zip(invoices, first, second, strict=True):
            expect(one == other, f"{_named(invoice)} is rendered differently the second time.")
        point = next((p for p in entry_points(group=_GROUP) if p.name == self.plugin.manifest.name), None)
        if point is not None and point.load() is self.plugin:
            data: list[object] = [invoice.model_dump(mode="json") for invoice in invoices]
            elsewhere = probe_render(point.module, point.attr, self.config, data)
            here = [hashlib.sha256(content).hexdigest() for content in first]
            expect_same(elsewhere, here, "Digests in another process")

    def test_rendering_names_the_invoice(self) -> None:
        """Fails when number, ETTN or payable amount are not in the document, or it has no file name."""
        for invoice in _invoices(self):
            document = _render(self, invoice)
            for text in (invoice.number, str(invoice.id), str(invoice.totals.payable)):
                found = text.lower() in document.content.decode("utf-8").lower()
                expect(found, f"{text} is not in the document of {_named(invoice)}.")
            expect(document.filename.strip(), f"The document of {_named(invoice)} has no file name.")

    def test_placeholder_numbers_change_nothing_else(self) -> None:
        """Fails when a draft under a placeholder number differs from the document in more than that."""
        for invoice in _invoices(self):
            draft = invoice.model_copy(update={"number": f"{invoice.number[:7]}{'0' * 9}"})
            expected = _render(self, draft).content.replace(draft.number.encode(), invoice.number.encode())
            expect(_render(self, invoice).content == expected, f"{_named(invoice)} changes with its number.")

    def test_other_invoices_are_refused(self) -> None:
        """Fails when an invoice outside ``formats`` is rendered, or refused with a bug."""
        stated = set(self.plugin.manifest.formats)
        for kind in samples.SAMPLE_KINDS:
            for profile in Profile:
                if (kind, profile) in stated:
                    continue
                invoice = sample(self, kind, profile)
                try:
                    called(self.plugin, "render_invoice", _settings(self), invoice)
                except (Rejected, Unsupported):
                    continue
                expect(False, f"{_named(invoice)} is not among the formats, but was rendered.")

    @needs("validate_invoice")
    def test_rendered_documents_are_valid(self) -> None:
        """Fails when the plugin's own validation finds a blocking fault in what the plugin rendered."""
        for invoice in _invoices(self):
            blocking = [each for each in _faults(self, _render(self, invoice)) if each.blocks]
            expect(not blocking, f"{_named(invoice)} is invalid: {[each.message.en for each in blocking]}")

    @needs("validate_invoice")
    def test_tampered_documents_are_invalid(self) -> None:
        """Fails when validation passes a document whose total was changed, or which lacks its end."""
        for invoice in list(_invoices(self))[:2]:
            document = _render(self, invoice)
            total, wrong = str(invoice.totals.payable), str(invoice.totals.payable + 1)
            last = document.content.rfind(total.encode())
            changed = document.content[:last] + wrong.encode() + document.content[last + len(total) :]
            for content in (changed, document.content[: len(document.content) // 2]):
                spoilt = document.model_copy(update={"content": content})
                found = _faults(self, spoilt)
                expect(any(each.blocks for each in found), f"{_named(invoice)} was spoilt, but called valid.")

    @needs("validate_invoice")
    def test_hostile_documents_are_invalid(self) -> None:
        """Fails when a hostile document is called valid, or makes validation fail with a bug."""
        for content in _HOSTILE:
            document = Rendered(content=content, filename="hostile.xml")
            found = _faults(self, document)
            expect(any(each.blocks for each in found), f"{content[:60]!r} was called valid.")

    @needs("validate_invoice")
    def test_validation_works_in_threads(self) -> None:
        """Fails when validating in several threads at once gives other findings than one after the other."""
        documents = [_render(self, invoice) for invoice in list(_invoices(self))[:_THREADS]]
        alone = [_faults(self, document) for document in documents]
        with ThreadPoolExecutor(_THREADS) as pool:
            together = list(pool.map(lambda document: _faults(self, document), documents))
        expect_same(together, alone, "Findings of several threads")


def sample(kit: Kit, kind: InvoiceKind, profile: Profile) -> Invoice:
    """Return an invoice of a kind and profile; it was issued yesterday."""
    world = _world()
    order = next(order for order in world.orders if _fits(order, profile))
    day = _yesterday()
    number = samples.sample_number(kit.series, day, 1)
    ettn = samples.sample_id("format", kind, profile)
    return samples.sample_invoice(world, order, profile, number, ettn, kind=kind, issued=day)


@cache
def _world() -> Any:
    return make_world(60)


def _fits(order: WorldOrder, profile: Profile) -> bool:
    several = len({line.item.vat_rate for line in order.lines}) > 1
    return several and (not order.buyer.company if profile.is_archive else bool(order.buyer.aliases))


def _yesterday() -> date:
    return dates.local_date(datetime.now(UTC)) - timedelta(days=2)


def _invoices(kit: Kit) -> Iterator[Invoice]:
    usable = [pair for pair in kit.plugin.manifest.formats if pair[0] in samples.SAMPLE_KINDS]
    if not usable:
        raise LeftOut("There is no sample invoice of a kind this format renders.")
    for kind, profile in usable:
        yield sample(kit, kind, profile)


def _settings(kit: Kit) -> Any:
    return kit.plugin.manifest.config.model_validate(dict(kit.config))


def _render(kit: Kit, invoice: Invoice) -> Rendered:
    try:
        document: Rendered = called(kit.plugin, "render_invoice", _settings(kit), invoice)
    except ConnectorError as error:
        message = f"{_named(invoice)} is among the formats, but was refused: {error}"
        raise Failure(message) from error
    return document


def _faults(kit: Kit, document: Rendered) -> Sequence[Finding]:
    found: Sequence[Finding] = called(
        kit.plugin, "validate_invoice", _settings(kit), document, datetime.now(UTC)
    )
    return found


def _named(invoice: Invoice) -> str:
    return f"a {invoice.kind} invoice of profile {invoice.profile}"
