"""The streams a plugin reads: how each is filled, grown and read page by page."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from kopru.hooks.errors import ConnectorError, Unsupported
from kopru.hooks.types import Ctx, Operation, Page, Record, RefKind, Window
from kopru.testing.contract.failure import Failure, LeftOut
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.operations import CASES
from kopru.testing.contract.reading import check_page, read_all
from kopru.testing.contract.session import Session
from kopru.testing.contract.subject import Subject
from kopru.testing.contract.writes import WriteCase

FEW = 5
"""Records put into a stream that a fresh world leaves empty."""

_APART = 20

_WRITERS: Mapping[RefKind, tuple[Operation, ...]] = {
    RefKind.LEDGER_DOCUMENT: (Operation.POST_INVOICE, Operation.POST_ORDER),
    RefKind.E_DOCUMENT: (Operation.SUBMIT_INVOICE,),
}


class StreamCase:
    """One stream of the plugin under test."""

    def __init__(self, kit: Kit, hook: str) -> None:
        """Take the kit and the hook's name."""
        self.kit = kit
        self.hook = hook

    def fill(self, session: Session) -> None:
        """See to it that there are records."""

    def grow(self, session: Session, n: int) -> None:
        """Let another record appear; ``n`` counts from 0 in each test."""
        raise NotImplementedError

    def page(
        self,
        session: Session,
        cursor: str | None,
        limit: int,
        *,
        window: Window | None = None,
        ctx: Ctx[Any] | None = None,
    ) -> Page[Any]:
        """Return one page, checked."""
        page: Page[Any] = session.call(self.hook, cursor, window or session.window, limit, ctx=ctx)
        check_page(page)
        return page

    def read(
        self, session: Session, limit: int = 50, *, window: Window | None = None, ctx: Ctx[Any] | None = None
    ) -> list[Record[Any]]:
        """Return every record."""
        return read_all(lambda cursor: self.page(session, cursor, limit, window=window, ctx=ctx))

    def error(self, session: Session, when: str, ctx: Ctx[Any] | None = None) -> ConnectorError | None:
        """Read the first page under trouble; return the error, or ``None`` for an empty, final page."""
        try:
            page = self.page(session, None, 50, ctx=ctx)
        except ConnectorError as error:
            return error
        if page.records or page.next_cursor is not None:
            raise Failure(f"{self.hook} read {len(page.records)} records although {when}.")
        return None


class Orders(StreamCase):
    """``fetch_orders``."""

    def grow(self, session: Session, n: int) -> None:
        """Let an order be placed."""
        session.add_order()


class Returns(StreamCase):
    """``fetch_returns``."""

    def fill(self, session: Session) -> None:
        """Let the first buyers send something back."""
        for order in session.world.orders[:FEW]:
            self.kit.add_return(session.simulator, order)

    def grow(self, session: Session, n: int) -> None:
        """Let another buyer send something back."""
        self.kit.add_return(session.simulator, session.world.orders[FEW + n])


class Stock(StreamCase):
    """``fetch_stock``, asked for every item."""

    def page(
        self,
        session: Session,
        cursor: str | None,
        limit: int,
        *,
        window: Window | None = None,
        ctx: Ctx[Any] | None = None,
    ) -> Page[Any]:
        """Return one page, checked; stock knows no window."""
        page: Page[Any] = session.call(self.hook, cursor, (), limit, ctx=ctx)
        check_page(page)
        return page


class Parties(StreamCase):
    """``fetch_parties``."""

    def fill(self, session: Session) -> None:
        """Make partners through the plugin itself, where it can; otherwise the world's are there already."""
        if hasattr(session.plugin, "upsert_party"):
            for n in range(FEW):
                self.grow(session, n - FEW)

    def grow(self, session: Session, n: int) -> None:
        """Make another partner."""
        if not hasattr(session.plugin, "upsert_party"):
            raise LeftOut("The plugin cannot make partners.")
        case = CASES[Operation.UPSERT_PARTY](self.kit)
        case.send(session, case.intent(session, FEW + n))


class Inbox(StreamCase):
    """``fetch_inbox``."""

    def fill(self, session: Session) -> None:
        """Let invoices arrive."""
        for n in range(FEW):
            self.grow(session, n)

    def grow(self, session: Session, n: int) -> None:
        """Let another invoice arrive."""
        self.kit.receive(session.simulator)


class Refs(StreamCase):
    """``fetch_refs`` of one kind."""

    def __init__(self, kit: Kit, hook: str, kind: RefKind) -> None:
        """Take the kit, the hook's name and the kind to list."""
        super().__init__(kit, hook)
        self.kind = kind

    def fill(self, session: Session) -> None:
        """Write documents; orders are there already."""
        for case, first in self.writers:
            case.prepare(session)
            for n in range(first, first + FEW):
                case.send(session, case.intent(session, n))

    def grow(self, session: Session, n: int) -> None:
        """Let another record appear."""
        if self.kind is RefKind.ORDER:
            session.add_order()
        else:
            case, first = self.writers[0]
            case.send(session, case.intent(session, first + FEW + n))

    def page(
        self,
        session: Session,
        cursor: str | None,
        limit: int,
        *,
        window: Window | None = None,
        ctx: Ctx[Any] | None = None,
    ) -> Page[Any]:
        """Return one page, checked."""
        page: Page[Any] = session.call(self.hook, self.kind, cursor, window or session.window, limit, ctx=ctx)
        check_page(page)
        return page

    @property
    def writers(self) -> list[tuple[WriteCase, int]]:
        """Return the writes whose records are listed, and the first of the numbers each may use."""
        writes = self.kit.subject().operations
        cases = [
            variant
            for operation in _WRITERS.get(self.kind, ())
            if operation in writes
            for variant in CASES[operation](self.kit).variants()
        ]
        return [(case, _APART * place) for place, case in enumerate(cases)]


_CASES: Mapping[str, type[StreamCase]] = {
    "fetch_orders": Orders,
    "fetch_returns": Returns,
    "fetch_products": StreamCase,
    "fetch_stock": Stock,
    "fetch_parties": Parties,
    "fetch_inbox": Inbox,
}
_KINDS: Mapping[RefKind, tuple[str, ...]] = {
    RefKind.ORDER: ("fetch_orders",),
    RefKind.LEDGER_DOCUMENT: ("post_invoice", "post_order"),
    RefKind.E_DOCUMENT: ("submit_invoice",),
}


def stream_hooks(subject: Subject) -> list[str]:
    """Return the hooks that read page by page."""
    return [hook for hook in (*_CASES, "fetch_refs") if subject.has(hook)]


def ref_kinds(subject: Subject) -> list[RefKind]:
    """Return the kinds that a plugin's own hooks say it should be able to list."""
    return [kind for kind, hooks in _KINDS.items() if subject.hooks & set(hooks)]


def stream_of(kit: Kit, hook: str) -> StreamCase:
    """Return the stream of a hook; of ``fetch_refs`` the first kind."""
    if hook != "fetch_refs":
        return _CASES[hook](kit, hook)
    kinds = ref_kinds(kit.subject())
    if not kinds:
        raise LeftOut("The plugin neither reads orders nor writes documents, so it has nothing to list.")
    return Refs(kit, hook, kinds[0])


def unsupported(stream: StreamCase, session: Session) -> bool:
    """Whether the plugin says that it cannot list this kind."""
    with suppress(Unsupported):
        stream.page(session, None, 1)
        return False
    return True
