"""One reviewed document per supported combination.

After a wanted change run ``KOPRU_UPDATE_GOLDEN=1 pytest plugins/einvoice/ubltr/tests/test_golden.py`` and review
the difference of ``tests/golden``.
"""

import os
from decimal import Decimal
from pathlib import Path

from kopru.model import Invoice
from kopru_ubltr import plugin
from kopru_ubltr.kinds import FORMATS, KINDS, PROFILE_CODES

GOLDEN = Path(__file__).parent / "golden"


def test_the_document_is_the_reviewed_one(case):
    name, config, invoice = case
    path = GOLDEN / f"{name}.xml"
    content = plugin.render_invoice(config, invoice).content
    if os.environ.get("KOPRU_UPDATE_GOLDEN"):
        path.write_bytes(content)
    assert content.decode() == path.read_text(encoding="utf-8")


def test_each_format_has_a_reviewed_document():
    texts = [path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.xml")]
    for kind, profile in FORMATS:
        wanted = (f">{KINDS[kind].code}<", f">{PROFILE_CODES[profile]}<")
        assert any(all(each in text for each in wanted) for text in texts), wanted


def test_the_reviewed_documents_break_no_rule(case, make):
    _, config, invoice = case
    assert plugin.validate_invoice(config, plugin.render_invoice(config, invoice), make.today) == ()


def test_the_same_invoice_gives_the_same_bytes_after_storage(case):
    _, config, invoice = case
    stored = Invoice.model_validate_json(invoice.model_dump_json())
    assert plugin.render_invoice(config, stored) == plugin.render_invoice(config, invoice)


def test_trailing_zeros_of_numbers_do_not_change_the_bytes(make):
    line = make.line()
    padded = line.model_copy(
        update={"quantity": Decimal("1.000"), "unit_price": line.unit_price + Decimal("0.0000000000")}
    )
    documents = {
        plugin.render_invoice(_plain(), make.invoice(lines=(each,))).content for each in (line, padded)
    }
    assert len(documents) == 1


def _plain():
    return plugin.manifest.config()
