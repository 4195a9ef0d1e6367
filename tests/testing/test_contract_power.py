"""The power of each standard test: an honest plugin, altered in one place, fails the test that is about it."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ConfigDict, Field, SecretStr, field_validator

from kopru.model import Finding, Mailbox, Text
from kopru.sdk import (
    AuthError,
    CheckItem,
    CheckResult,
    ConnectorError,
    Credentials,
    Definition,
    Label,
    LabelFormat,
    LineAdvice,
    Quota,
    RateLimited,
    Receipt,
    ReceiptState,
    ReceiptUpdate,
    Rejected,
    RemoteState,
    Stream,
    TransientError,
    Unsupported,
    hookimpl,
)
from kopru.testing import samples
from kopru.testing.broken.bazaar import BazaarSimulator
from kopru.testing.broken.channel import channel
from kopru.testing.broken.common import TEXTS, BazaarConfig, get, send
from kopru.testing.broken.ledger import ledger
from kopru.testing.broken.plain_adviser import plain_adviser
from kopru.testing.broken.plain_format import plain_format
from kopru.testing.broken.shop import shop
from kopru.testing.contract import Verdict, contract_of, run_class

Change = Callable[..., Any]
PER_ACCOUNT = Quota("calls", 100, timedelta(minutes=1), scope="account")
RED = CheckItem("account", ok=False, message=TEXTS["bazaar.answer"], fix=TEXTS["bazaar.check.key"])


def altered(plugin: Any, *, manifest: Any = None, **hooks: Change) -> Any:
    """A plugin some of whose hooks call a change with the honest hook in front of their arguments."""

    def hook(name: str, change: Change) -> Any:
        def method(self: Any, *arguments: Any) -> Any:
            return change(getattr(plugin, name, None), *arguments)

        return hookimpl(method)

    body: dict[str, Any] = {name: hook(name, change) for name, change in hooks.items()}
    return type("Altered", (type(plugin),), {**body, "manifest": manifest or plugin.manifest})()


def verdict(test: str, plugin: Any, simulator: type | None = BazaarSimulator, **options: Any) -> Verdict:
    remote = simulator if plugin.manifest.base_url else None
    (check,) = run_class(contract_of(plugin, remote, **options), only={test}).checks
    return check.verdict


def instead(wrong: type[ConnectorError], of: type[ConnectorError] = ConnectorError) -> Change:
    """Take one kind of error for another."""

    def call(honest: Change, *arguments: Any) -> Any:
        try:
            return honest(*arguments)
        except of as error:
            raise wrong("test.mistaken") from error

    return call


def values(change: Change) -> Change:
    """Change each value of a page."""

    def call(honest: Change, *arguments: Any) -> Any:
        page = honest(*arguments)
        records = (replace(each, value=change(each.value)) for each in page.records)
        return replace(page, records=tuple(records))

    return call


def but_first(honest: Change, *arguments: Any) -> Any:
    """Leave the first record of each page out."""
    page = honest(*arguments)
    return replace(page, records=page.records[1:])


def updated(**fields: Any) -> Change:
    return values(lambda value: value.model_copy(update=fields))


def shuffled(honest: Change, *arguments: Any) -> Any:
    page = honest(*arguments)
    return replace(page, records=tuple(random.sample(page.records, len(page.records))))


def only_once() -> Change:
    """Push the first values and none after them."""
    first: list[Any] = []

    def call(honest: Change, *arguments: Any) -> Any:
        if not first:
            first.append(honest(*arguments))
        return first[0]

    return call


def unsold_out(honest: Change, *arguments: Any) -> Any:
    page = honest(*arguments)
    return replace(page, records=tuple(each for each in page.records if each.value and each.value.on_hand))


class LoudConfig(BazaarConfig):
    """Shows its key."""

    def __repr__(self) -> str:
        return f"LoudConfig(key={self.key.get_secret_value()})"


class TouchyConfig(BazaarConfig):
    """Cannot stand a number."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: SecretStr = Field(title="Anahtar", description="Pazarın verdiği anahtar.")

    @field_validator("url", mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return value.strip()


class Generous(BazaarSimulator):
    """Keeps no quota."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "quotas": ()})


def mixed_up() -> Change:
    """Judge the document that came last, whoever asks."""
    last: list[bytes] = []
    gate = threading.Lock()

    def call(honest: Change, config: Any, document: Any, today: Any) -> Any:
        last.append(document.content)
        alone = gate.acquire(blocking=False)
        end = time.monotonic() + 0.3
        while last[-1] == document.content and time.monotonic() < end:
            time.sleep(0.005)
        wrong = not alone or last[-1] != document.content
        if alone:
            gate.release()
        return invalid(honest) if wrong else honest(config, document, today)

    return call


def invalid(honest: Change, *arguments: Any) -> Any:
    return (Finding(code="test.invalid", message=TEXTS["bazaar.answer"]),)


def limitless(honest: Change, ctx: Any, *arguments: Any) -> Any:
    return honest(replace(ctx, http=replace(ctx.http, limiter=None)), *arguments)


def writing_check(honest: Change, ctx: Any) -> Any:
    send(ctx, "POST", "/batches", [])
    return honest(ctx)


def careless_order(honest: Change, ctx: Any, ref: Any) -> Any:
    get(ctx, f"/orders/{ref.id}")["number"].upper()
    return honest(ctx, ref)


def careless_webhook(honest: Change, ctx: Any, request: Any) -> Any:
    request.body.decode()
    return honest(ctx, request)


def changed_events(honest: Change, ctx: Any, request: Any) -> Any:
    return tuple(replace(event, event_id=str(random.random())) for event in honest(ctx, request))


def supports_nothing(honest: Change, *arguments: Any) -> Any:
    raise Unsupported("test.unsupported")


def guess_done(honest: Change, ctx: Any, pending: Any) -> Any:
    try:
        return honest(ctx, pending)
    except ConnectorError:
        return tuple(ReceiptUpdate(each.ref, RemoteState.DONE) for each in pending)


def shop_with(**facts: Any) -> Any:
    return altered(shop, manifest=replace(shop.manifest, **facts))


def advising(**fields: Any) -> Any:
    """An adviser whose advice has other fields."""
    return altered(
        plain_adviser,
        map_line=lambda honest, *rest: tuple(replace(each, **fields) for each in honest(*rest)),
    )


def by_chance(honest: Change, ctx: Any, batch: Any) -> Any:
    return tuple(replace(each, weight=random.random()) for each in honest(ctx, batch))


def by_neighbours(honest: Change, ctx: Any, batch: Any) -> Any:
    return tuple(replace(each, weight=1 / len(batch.lines)) for each in honest(ctx, batch))


def best_candidates(honest: Change, ctx: Any, batch: Any) -> Any:
    """Advise on every line, known or not."""
    reason = TEXTS["bazaar.answer"]
    return tuple(LineAdvice(line.id, "item-0", 0.1, reason) for line in batch.lines)


def careless_advice(honest: Change, ctx: Any, batch: Any) -> Any:
    return batch.lines and batch.lines[0].text[0] and honest(ctx, batch)


def slow_advice(honest: Change, ctx: Any, batch: Any) -> Any:
    time.sleep(6 if len(batch.lines) > 100 else 0)
    return honest(ctx, batch)


ALTERED: dict[str, Callable[[], Any]] = {
    "test_advice_keeps_to_the_batch": lambda: advising(item_id="of another company"),
    "test_advice_is_explained": lambda: advising(reason=Text(tr="", en="")),
    "test_advice_is_the_same_twice": lambda: altered(plain_adviser, map_line=by_chance),
    "test_advice_does_not_depend_on_neighbours": lambda: altered(plain_adviser, map_line=by_neighbours),
    "test_nothing_known_gives_no_advice": lambda: altered(plain_adviser, map_line=best_candidates),
    "test_hostile_lines_are_survived": lambda: altered(plain_adviser, map_line=careless_advice),
    "test_advice_comes_in_time": lambda: altered(plain_adviser, map_line=slow_advice),
    "test_fetch_products_reads_the_same_twice": lambda: altered(shop, fetch_products=shuffled),
    "test_post_invoice_leaves_two_records_for_two_keys": lambda: altered(
        ledger,
        post_invoice=lambda honest, ctx, key, invoice: honest(ctx, samples.sample_key("same"), invoice),
    ),
    "test_push_prices_lets_the_newest_win": lambda: altered(shop, push_prices=only_once()),
    "test_post_order_can_be_removed_again": lambda: altered(
        ledger, cancel_document=lambda honest, ctx, key, cancellation: Receipt(ReceiptState.DONE)
    ),
    "test_account_is_named": lambda: shop_with(quotas=(PER_ACCOUNT,), account_of=lambda config: config.url),
    "test_post_invoice_tells_a_refused_login": lambda: altered(ledger, post_invoice=instead(Rejected)),
    "test_post_invoice_tells_rate_limits": lambda: altered(
        ledger, post_invoice=instead(TransientError, RateLimited)
    ),
    "test_post_invoice_tells_refusals": lambda: altered(ledger, post_invoice=instead(AuthError, Rejected)),
    "test_check_is_green": lambda: altered(shop, check_connection=lambda honest, ctx: CheckResult((RED,))),
    "test_check_writes_nothing": lambda: altered(shop, check_connection=writing_check),
    "test_documents_come_back": lambda: altered(
        channel,
        fetch_document=lambda honest, *rest: honest(*rest).model_copy(update={"content": b"<Invoice/>"}),
    ),
    "test_documents_tell_trouble": lambda: altered(channel, fetch_document=instead(Rejected)),
    "test_unknown_documents_are_told": lambda: altered(
        channel, fetch_document=instead(TransientError, Rejected)
    ),
    "test_fetch_order_gives_the_same_order": lambda: altered(
        shop,
        fetch_order=lambda honest, ctx, ref: replace(
            honest(ctx, ref), value=honest(ctx, ref).value.model_copy(update={"note": "?"})
        ),
    ),
    "test_fetch_order_survives_hostile_answers": lambda: altered(shop, fetch_order=careless_order),
    "test_fetch_order_tells_trouble": lambda: altered(shop, fetch_order=instead(Rejected)),
    "test_fetch_order_tells_unknown_orders": lambda: altered(
        shop, fetch_order=instead(TransientError, Rejected)
    ),
    "test_hostile_webhooks_are_refused": lambda: altered(shop, parse_webhook=careless_webhook),
    "test_webhook_names_the_record": lambda: altered(shop, parse_webhook=changed_events),
    "test_inbox_gives_documents": lambda: altered(
        channel, fetch_inbox=lambda honest, *rest: replace(honest(*rest), records=honest(*rest).records[:2])
    ),
    "test_limiter_keeps_quotas": lambda: altered(shop, fetch_orders=limitless),
    "test_lookup_finds_registered_companies": lambda: altered(
        channel, lookup_recipient=lambda honest, *rest: honest(*rest).model_copy(update={"mailboxes": ()})
    ),
    "test_lookup_tells_who_is_not_registered": lambda: altered(
        channel,
        lookup_recipient=lambda honest, *rest: honest(*rest).model_copy(
            update={"mailboxes": (Mailbox(alias="urn:mail:x"),)}
        ),
    ),
    "test_manifest_is_complete": lambda: shop_with(name="Not A Name"),
    "test_manifest_numbers_make_sense": lambda: shop_with(
        streams={**shop.manifest.streams, "fetch_orders": Stream(largest_page=0)}
    ),
    "test_orders_have_raw_payloads": lambda: altered(
        shop,
        fetch_orders=lambda honest, *rest: replace(
            honest(*rest),
            records=tuple(
                replace(each, raw=replace(each.raw, content=b"")) for each in honest(*rest).records
            ),
        ),
    ),
    "test_other_invoices_are_refused": lambda: altered(
        plain_format, render_invoice=lambda honest, config, invoice: samples.sample_document(invoice)
    ),
    "test_parse_orders_repeats_the_stream": lambda: altered(
        shop, parse_orders=lambda honest, *rest: tuple(replace(r, value=None) for r in honest(*rest))
    ),
    "test_parse_orders_survives_hostile_payloads": lambda: altered(
        shop, parse_orders=lambda honest, config, raw: raw.content[5] and honest(config, raw)
    ),
    "test_parties_show_what_was_made": lambda: altered(ledger, fetch_parties=updated(name="?")),
    "test_products_equal_the_world": lambda: altered(shop, fetch_products=updated(vat_rate=0)),
    "test_receipts_come_in_order": lambda: altered(
        shop, fetch_receipts=lambda honest, *rest: honest(*rest)[::-1]
    ),
    "test_receipts_tell_trouble": lambda: altered(shop, fetch_receipts=guess_done),
    "test_refs_list_every_order": lambda: altered(shop, fetch_refs=but_first),
    "test_refs_lead_to_the_orders": lambda: altered(
        shop, fetch_refs=values(lambda value: replace(value, at=datetime(2020, 1, 1, tzinfo=UTC)))
    ),
    "test_refs_list_every_document": lambda: altered(ledger, fetch_refs=but_first),
    "test_refs_support_some_kind": lambda: altered(shop, fetch_refs=supports_nothing),
    "test_rendered_documents_are_valid": lambda: altered(plain_format, validate_invoice=invalid),
    "test_rendering_names_the_invoice": lambda: altered(
        plain_format,
        render_invoice=lambda honest, *rest: honest(*rest).model_copy(update={"content": b"<Invoice/>"}),
    ),
    "test_validation_works_in_threads": lambda: altered(plain_format, validate_invoice=mixed_up()),
    "test_returns_equal_the_world": lambda: altered(shop, fetch_returns=updated(lines=())),
    "test_settings_are_silent": lambda: shop_with(config=LoudConfig),
    "test_wrong_settings_are_refused_politely": lambda: shop_with(config=TouchyConfig),
    "test_stock_equals_the_world": lambda: altered(ledger, fetch_stock=unsold_out),
    "test_stock_of_some_items": lambda: altered(
        ledger, fetch_stock=lambda honest, ctx, cursor, codes, limit: honest(ctx, cursor, (), limit)
    ),
    "test_definitions_are_stable": lambda: altered(
        shop, fetch_definitions=lambda honest, ctx: (Definition("warehouse", "0", str(random.random())),)
    ),
    "test_label_is_the_same_twice": lambda: altered(
        shop, fetch_label=lambda honest, ctx, order: Label(LabelFormat.ZPL, random.randbytes(8))
    ),
    "test_login_gives_hidden_credentials": lambda: altered(
        shop, refresh_credentials=lambda honest, ctx: Credentials(SecretStr(""))
    ),
    "test_login_refused": lambda: altered(
        shop, refresh_credentials=lambda honest, ctx: Credentials(SecretStr("token"))
    ),
}


@pytest.mark.parametrize("test", ALTERED)
def test_a_standard_test_fails_for_what_it_is_about(test: str) -> None:
    assert verdict(test, ALTERED[test]()) is Verdict.FAILED


class DeepConfig(BazaarConfig):
    """Hides a key where the engine does not look for one."""

    inner: BazaarConfig | None = Field(None, title="İçteki", description="Başka bir pazar.")


def test_a_secret_inside_a_group_is_found() -> None:
    assert verdict("test_settings_hide_secrets", shop_with(config=DeepConfig)) is Verdict.FAILED


def test_an_account_nobody_names_is_found() -> None:
    assert verdict("test_account_is_named", shop_with(quotas=(PER_ACCOUNT,))) is Verdict.FAILED


def test_an_account_named_by_its_login_passes() -> None:
    named = shop_with(quotas=(PER_ACCOUNT,), account_of=lambda config: config.key.get_secret_value())
    assert verdict("test_account_is_named", named) is Verdict.PASSED


def test_a_simulator_that_keeps_no_quota_is_found() -> None:
    assert verdict("test_simulator_enforces_quotas", shop, Generous) is Verdict.FAILED
