"""A small run that went well, and ways to spoil it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kopru.hooks.manifest import Quota
from kopru.testing.chaos.ground import Ground, Heard
from kopru.testing.chaos.verdict import Case, Ends
from kopru.testing.evidence import (
    Action,
    Asked,
    DocumentEnd,
    JobEnd,
    NumberEnd,
    OrderEnd,
    Placed,
    Sample,
    Shown,
    Stored,
    Wanted,
    WriteEnd,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(minutes=5)
SECRET = "a-planted-secret"


@pytest.fixture
def good_case():
    """Two companies with two orders each, everything done once."""
    ground, ends = _ground(), _ends()
    quotas = {"trendyol": (Quota("all", 50, timedelta(seconds=10)),)}
    samples = tuple(Sample(n * 5.0, "worker memory", 200.0) for n in range(100))
    return Case(ground, ends, (SECRET,), {"log": "nothing"}, quotas, (401, 404), samples, quiet=10.0)


@pytest.fixture
def plants():
    """One violation for each invariant: what spoils a case, whether it is small or of a real run."""
    return PLANTS


def _orders():
    return [("t1", "11"), ("t1", "12"), ("t2", "21"), ("t2", "22")]


def _ground():
    placed, stored, heard = [], [], []
    for n, (tenant, order) in enumerate(_orders(), 1):
        placed.append(Placed(tenant, order, Decimal(10), quantities={f"line-{order}": Decimal(1)}))
        number = f"KPA2026{n % 2 + 1:09d}"
        stored += [
            Stored(tenant, "submit_invoice", f"ettn-{order}", f"ettn-{order}", number, Decimal(10)),
            Stored(tenant, "post_invoice", f"ref-{order}", str(n), number, Decimal(10)),
        ]
        heard.append(
            Heard(Asked(1000.0 + n, tenant, f"ref-{order}", Action.SEND), "POST", "/salesInvoices", False)
        )
    whole = [
        Placed(each.tenant, f"no-{each.order}", each.total, quantities=each.quantities) for each in placed
    ]
    asked = {
        (tenant, "logo"): tuple(each for each in heard if each.asked.tenant == tenant)
        for tenant in ("t1", "t2")
    }
    calls = tuple(Heard(Asked(float(n), "t1", status=200), "GET", "/orders", False) for n in range(60))
    shown = tuple(Shown("t1", "trendyol", "code", quantity) for quantity in (9, 7))
    numbers = {key: f"no-{key[1]}" for key in _orders()}
    return Ground(
        tuple(placed), tuple(whole), numbers, tuple(stored), {**asked, ("t1", "trendyol"): calls}, shown
    )


def _ends():
    documents, writes, numbers, events = [], [], [], []
    for n, (tenant, order) in enumerate(_orders(), 1):
        sequence = n % 2 + 1
        documents.append(
            DocumentEnd(
                tenant,
                f"ettn-{order}",
                f"key-{order}",
                order,
                "issued",
                f"KPA2026{sequence:09d}",
                Decimal(10),
                quantities={f"line-{order}": Decimal(1)},
            )
        )
        numbers.append(NumberEnd(tenant, "KPA", 2026, sequence, f"ettn-{order}"))
        for operation, reference in (("submit_invoice", f"ettn-{order}"), ("post_invoice", f"ref-{order}")):
            identity = f"{operation}-{order}"
            writes.append(WriteEnd(tenant, identity, operation, "confirmed", reference, LONG_AGO))
            events.append((identity, "effect.confirmed"))
    return Ends(
        NOW,
        tuple(OrderEnd(tenant, order, "done") for tenant, order in _orders()),
        tuple(documents),
        tuple(writes),
        tuple(numbers),
        (JobEnd("pull", "queued", NOW + timedelta(seconds=5)),),
        (Wanted("t1", "trendyol", "code", (9, 8, 7)),),
        tuple(events),
        fired=(("1", LONG_AGO),),
        due=(("1", LONG_AGO),),
    )


def _ground_with(case, **changes):
    return replace(case, ground=replace(case.ground, **changes))


def _ends_with(case, **changes):
    return replace(case, ends=replace(case.ends, **changes))


def _done(case):
    return next(each for each in case.ends.orders if each.state == "done")


def _live(case, operation):
    return next(each for each in case.ground.stored if each.operation == operation and each.live)


def _lose_an_order(case):
    lost = _done(case)
    return _ends_with(case, orders=tuple(each for each in case.ends.orders if each != lost))


def _accept_a_forged_webhook(case):
    return replace(case, forged=(*case.forged, 202))


def _invoice_twice(case):
    double = replace(_live(case, "submit_invoice"), id="another", number="")
    return _ground_with(case, stored=(*case.ground.stored, double))


def _book_twice(case):
    double = replace(_live(case, "post_invoice"), id="another", number="")
    return _ground_with(case, stored=(*case.ground.stored, double))


def _leave_a_number_out(case):
    highest = max(case.ends.numbers, key=lambda each: each.sequence)
    numbers = tuple(
        replace(each, sequence=each.sequence + 1) if each == highest else each for each in case.ends.numbers
    )
    return _ends_with(case, numbers=numbers)


def _book_another_amount(case):
    wrong = _live(case, "post_invoice")
    stored = tuple(
        replace(each, total=each.total + 1) if each == wrong else each for each in case.ground.stored
    )
    return _ground_with(case, stored=stored)


def _show_old_stock(case):
    product = next(each for each in case.ends.wanted if len(each.quantities) > 1)
    old = Shown(product.tenant, product.channel, product.product, product.quantities[0])
    return _ground_with(case, shown=(*case.ground.shown, old))


def _leave_a_job_running(case):
    job = JobEnd("stuck", "running", case.ends.now, case.ends.now - timedelta(seconds=1))
    return _ends_with(case, jobs=(*case.ends.jobs, job))


def _leave_a_write_open(case):
    first = case.ends.writes[0]
    changed = replace(first, state="uncertain", changed_at=case.ends.now - timedelta(minutes=5))
    events = (*case.ends.events, (first.id, "effect.uncertain"))
    return _ends_with(case, writes=(changed, *case.ends.writes[1:]), events=events)


def _send_blindly(case):
    key, heard = next(
        (key, heard)
        for key, heard in case.ground.asked.items()
        if key[1] == "logo" and any(each.asked.action is Action.SEND for each in heard)
    )
    last = [each for each in heard if each.asked.action is Action.SEND and not each.asked.harmless][-1]
    again = replace(last, asked=replace(last.asked, at=heard[-1].asked.at + 0.5))
    return _ground_with(
        case, asked={**case.ground.asked, key: (*heard, replace(last, asked=last.asked), again)}
    )


def _mix_companies(case):
    first = case.ends.orders[0]
    other = next(each.tenant for each in case.ends.orders if each.tenant != first.tenant)
    return _ends_with(case, orders=(*case.ends.orders, replace(first, tenant=other)))


def _break_a_quota(case):
    key, heard = next(
        (key, heard) for key, heard in case.ground.asked.items() if key[1] == "trendyol" and heard
    )
    burst = tuple(replace(heard[-1], asked=replace(heard[-1].asked, status=200)) for _ in range(400))
    return _ground_with(case, asked={**case.ground.asked, key: (*heard, *burst)})


def _fire_twice(case):
    return _ends_with(case, fired=(*case.ends.fired, case.ends.fired[0]))


def _forget_a_fire(case):
    return _ends_with(case, fired=case.ends.fired[1:])


def _forget_an_event(case):
    told = (case.ends.writes[0].id, f"effect.{case.ends.writes[0].state}")
    return _ends_with(case, events=tuple(each for each in case.ends.events if each != told))


def _break_the_chain(case):
    return _ends_with(case, broken=("t1 event 7",))


def _tell_a_secret(case):
    return replace(case, texts={**case.texts, "log": f"token {case.canaries[0]}"})


def _grow(case):
    samples = tuple(Sample(n * 5.0, "worker memory", 100.0 + n) for n in range(100))
    return replace(case, samples=samples)


def _invoice_too_much(case):
    order = _done(case)
    documents = tuple(
        replace(each, quantities={line: quantity + 1 for line, quantity in each.quantities.items()})
        if (each.tenant, each.order) == (order.tenant, order.order)
        else each
        for each in case.ends.documents
    )
    return _ends_with(case, documents=documents)


PLANTS = {
    _lose_an_order: "I1",
    _accept_a_forged_webhook: "I1",
    _invoice_twice: "I2",
    _book_twice: "I2",
    _leave_a_number_out: "I3",
    _book_another_amount: "I4",
    _show_old_stock: "I5",
    _leave_a_job_running: "I6",
    _leave_a_write_open: "I6",
    _send_blindly: "I7",
    _mix_companies: "I8",
    _break_a_quota: "I9",
    _fire_twice: "I11",
    _forget_a_fire: "I11",
    _forget_an_event: "I12",
    _break_the_chain: "I12",
    _tell_a_secret: "I13",
    _grow: "I14",
    _invoice_too_much: "I15",
}
