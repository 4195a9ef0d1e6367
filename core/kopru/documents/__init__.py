"""Document rules: what an order becomes, with which money, number and identity. Pure; no I/O, no state.

The invoicing flow calls, in this order:

1. ``load_tenant(text)`` → ``TenantSettings`` (``tenant apply``); ``dump_tenant(settings)`` → TOML.
2. ``decide(settings, OrderFacts(order, channel, plugin, registered))`` → ``Decision`` whose ``result`` is
   ``Issue``, ``Hold``, ``Exclude`` or ``LookUp`` (ask the channel for ``result.tax_id``, decide again).
   ``explain`` gives the same row by row in words.
3. ``document_key(tenant, connection, order id, DocumentType.INVOICE, revision)`` → key; ``ettn(key)`` → UUID;
   ``effect_key(key, operation, connection, detail)`` → ``IdempotencyKey``, ``stored_key`` again.
4. ``partner_for(settings.partners, order.buyer, channel)`` → ``Partner(request, key)``.
5. ``compose_invoice(settings, order, issue, items, ettn=…, issued_at=…, channel=…, recipient=…)`` →
   ``Composed(invoice, findings, expected_total)``; the number is a placeholder until it is allotted.
6. ``lint(invoice, LintFacts(now, registered, expected_total, last_issue_date))`` → findings; one that blocks
   keeps the invoice a draft.
7. ``number_year(issued_at)``, ``format_number(issue.series.pattern, year, sequence)``, then
   ``with_number(invoice, number)``.
8. ``compose_return(original, quantities, series=…, ettn=…, issued_at=…, credited=…)`` for returns.
9. ``plan_change(classify_change(old, new), DocumentFacts(…))`` → ``Plan`` when an order changes.
"""

from kopru.documents.buyers import NO_BUYER_ITEMS, BuyerItem, BuyerItems, Gaps
from kopru.documents.changes import (
    ANSWER_DAYS,
    CANCEL_DAYS,
    Change,
    DocumentFacts,
    DocumentState,
    EffectState,
    Plan,
    Step,
    classify_change,
    plan_change,
    plan_withdrawal,
)
from kopru.documents.checks import Capabilities, check_tenant
from kopru.documents.clock import ISTANBUL, istanbul, istanbul_date
from kopru.documents.compose import (
    Composed,
    Item,
    choose_mailbox,
    compose_invoice,
    invoice_link,
    is_paid,
    with_number,
)
from kopru.documents.decide import (
    Check,
    Decision,
    Exclude,
    Hold,
    Issue,
    LookUp,
    OrderFacts,
    TraceRow,
    Verdict,
    decide,
    explain,
    lookup_tax_id,
)
from kopru.documents.example import EXAMPLE_TENANT
from kopru.documents.identity import (
    DocumentType,
    document_key,
    document_type,
    effect_key,
    ettn,
    stored_key,
    subject_key,
)
from kopru.documents.lint import LintFacts, lint
from kopru.documents.lint_lines import vat_rates
from kopru.documents.numbering import (
    Pattern,
    Preview,
    can_collide,
    format_number,
    gib,
    is_placeholder_number,
    number_year,
    parse_number,
    parse_pattern,
    placeholder,
    preview,
)
from kopru.documents.partners import Partner, cards_needed, partner_for, tax_number
from kopru.documents.returns import compose_return, credited_quantities, returned_quantities
from kopru.documents.rules import Mode, Rule, Stage, Stages, When, default_rules
from kopru.documents.settings import (
    ConsumerPolicy,
    Issuer,
    ItemPolicy,
    LedgerTiming,
    Matching,
    MatchKey,
    PartnerPolicy,
    Series,
    TenantSettings,
)
from kopru.documents.tenant_file import dump_tenant, load_tenant
from kopru.documents.texts import TEXTS

__all__ = [
    "ANSWER_DAYS",
    "CANCEL_DAYS",
    "EXAMPLE_TENANT",
    "ISTANBUL",
    "NO_BUYER_ITEMS",
    "TEXTS",
    "BuyerItem",
    "BuyerItems",
    "Capabilities",
    "Change",
    "Check",
    "Composed",
    "ConsumerPolicy",
    "Decision",
    "DocumentFacts",
    "DocumentState",
    "DocumentType",
    "EffectState",
    "Exclude",
    "Gaps",
    "Hold",
    "Issue",
    "Issuer",
    "Item",
    "ItemPolicy",
    "LedgerTiming",
    "LintFacts",
    "LookUp",
    "MatchKey",
    "Matching",
    "Mode",
    "OrderFacts",
    "Partner",
    "PartnerPolicy",
    "Pattern",
    "Plan",
    "Preview",
    "Rule",
    "Series",
    "Stage",
    "Stages",
    "Step",
    "TenantSettings",
    "TraceRow",
    "Verdict",
    "When",
    "can_collide",
    "cards_needed",
    "check_tenant",
    "choose_mailbox",
    "classify_change",
    "compose_invoice",
    "compose_return",
    "credited_quantities",
    "decide",
    "default_rules",
    "document_key",
    "document_type",
    "dump_tenant",
    "effect_key",
    "ettn",
    "explain",
    "format_number",
    "gib",
    "invoice_link",
    "is_paid",
    "is_placeholder_number",
    "istanbul",
    "istanbul_date",
    "lint",
    "load_tenant",
    "lookup_tax_id",
    "number_year",
    "parse_number",
    "parse_pattern",
    "partner_for",
    "placeholder",
    "plan_change",
    "plan_withdrawal",
    "preview",
    "returned_quantities",
    "stored_key",
    "subject_key",
    "tax_number",
    "vat_rates",
    "with_number",
]
