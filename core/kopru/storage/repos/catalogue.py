"""The tenant's items as the index of line matching takes them, with a version that only rises."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from kopru.flows.records import ItemRow
from kopru.matching.api import CatalogueItem
from kopru.matching.normalise import text_key
from kopru.storage.repos.base import Repo, any_of, mine
from kopru.storage.tables import catalogue, item, item_alias, item_barcode

VERSION = sa.select(catalogue.c.version).where(mine(catalogue))

_BARCODES = (
    sa.select(sa.func.array_agg(aggregate_order_by(item_barcode.c.barcode, item_barcode.c.barcode)))
    .where(item_barcode.c.tenant_id == item.c.tenant_id, item_barcode.c.item_id == item.c.id)
    .scalar_subquery()
)
_ALIASES = (
    sa.select(sa.func.array_agg(aggregate_order_by(item_alias.c.text, item_alias.c.made_at)))
    .where(
        item_alias.c.tenant_id == item.c.tenant_id,
        item_alias.c.item_id == item.c.id,
        item_alias.c.active,
    )
    .scalar_subquery()
)
INDEXED = sa.select(
    item.c.id,
    item.c.code,
    item.c.name,
    item.c.unit,
    item.c.active,
    sa.type_coerce(_BARCODES, ARRAY(sa.Text())).label("barcodes"),
    sa.type_coerce(_ALIASES, ARRAY(sa.Text())).label("aliases"),
).where(mine(item))
SINCE = INDEXED.where(item.c.version > sa.bindparam("after_version"))
PAGE = (
    INDEXED.where(item.c.active, item.c.id > sa.bindparam("after_id"))
    .order_by(item.c.id)
    .limit(sa.bindparam("at_most", type_=sa.Integer()))
)
BY_ID = sa.select(item).where(mine(item), item.c.id == any_of("at_items", sa.Uuid()))

NOBODY = UUID(int=0)

_MICROSECONDS = sa.cast(sa.func.extract("epoch", sa.func.clock_timestamp()) * 1_000_000, sa.BigInteger())
RAISE = (
    insert(catalogue)
    .values(tenant_id=sa.bindparam("tenant"), version=_MICROSECONDS)
    .on_conflict_do_update(
        index_elements=["tenant_id"],
        set_={"version": sa.func.greatest(catalogue.c.version + 1, _MICROSECONDS)},
    )
    .returning(catalogue.c.version)
)


def raise_version(repo: Repo) -> int:
    """Return a new version for what this transaction changes.

    The row stays locked until the transaction ends, so that versions become visible in their order and a
    reader never passes a change by. Versions follow the clock: those given after a backup was restored are
    higher than any an index file may have seen before.
    """
    version: int = repo.db.execute(RAISE, {"tenant": repo.tenant_id}).scalar_one()
    return version


class Catalogue(Repo):
    """The tenant's items as the index of line matching takes them, with a version that only rises."""

    def version(self) -> int:
        """Return the version of the latest committed change; 0 before the first."""
        row = self.one(VERSION)
        return row.version if row else 0

    def size(self) -> int:
        """Return how many active items there are."""
        count = sa.select(sa.func.count()).select_from(item).where(self.of(item), item.c.active)
        return int(self.db.execute(count).scalar_one())

    def page(self, after: UUID | None, limit: int) -> list[CatalogueItem]:
        """Return active items by id, behind one."""
        rows = self.run(PAGE, after_id=after or NOBODY, at_most=limit).all()
        return [_indexed(row) for row in rows]

    def since(self, version: int) -> tuple[list[CatalogueItem], list[str]]:
        """Return the items changed after a version, and the ids of those that are gone."""
        rows = self.run(SINCE, after_version=version).all()
        return [_indexed(row) for row in rows if row.active], [str(row.id) for row in rows if not row.active]

    def set_alias(self, item_id: UUID, text: str, actor: str, *, on: bool = True) -> bool:
        """Give an item a further name, or take it away; return whether that changed anything."""
        key = text_key(text)
        if not key:
            return False
        version = raise_version(self)
        values = {"active": on, "text": text, "made_by": actor, "made_at": sa.func.clock_timestamp()}
        changed = self.db.execute(
            insert(item_alias)
            .values(tenant_id=self.tenant_id, item_id=item_id, key=key, **values)
            .on_conflict_do_update(
                index_elements=["tenant_id", "item_id", "key"],
                set_=values,
                where=item_alias.c.active != on,
            )
            .returning(item_alias.c.key)
        ).one_or_none()
        if changed is not None:
            self.db.execute(
                sa.update(item).where(self.of(item), item.c.id == item_id).values(version=version)
            )
        return changed is not None

    def items(self, item_ids: Sequence[UUID]) -> dict[UUID, ItemRow]:
        """Return items by id."""
        rows = self.run(BY_ID, at_items=list(item_ids)).all()
        return {row.id: _item(row) for row in rows}

    def set_threshold(self, threshold: float | None) -> None:
        """Store the tenant's own threshold."""
        self.db.execute(
            insert(catalogue)
            .values(tenant_id=self.tenant_id, version=0, threshold=threshold)
            .on_conflict_do_update(index_elements=["tenant_id"], set_={"threshold": threshold})
        )


def _indexed(row: sa.Row[Any]) -> CatalogueItem:
    return CatalogueItem(
        id=str(row.id),
        code=row.code,
        name=row.name,
        barcodes=tuple(row.barcodes or ()),
        aliases=tuple(row.aliases or ()),
        unit=row.unit,
    )


def _item(row: sa.Row[Any]) -> ItemRow:
    return ItemRow(row.id, row.code, row.name, row.kind, row.unit, row.vat_rate, (), row.active)
