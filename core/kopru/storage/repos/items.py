"""Own items, their barcodes and the confirmed links of channel products to them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kopru.flows.linerows import RuleKind, RuleRow
from kopru.flows.records import ItemRow
from kopru.matching.exact import barcode_key, code_key
from kopru.storage.repos.base import Repo, any_of, mine
from kopru.storage.repos.catalogue import raise_version
from kopru.storage.repos.rules import rule_row
from kopru.storage.tables import item, item_barcode, item_link, rule
from kopru.toolkit.fold import fold

_RULE = [column for column in rule.c if column.key not in {"tenant_id", "key", "item_id"}]
LINKED = (
    sa.select(
        item_link.c.key,
        item_link.c.item_id,
        *(sa.cast(sa.null(), column.type).label(column.key) for column in _RULE),
    )
    .where(
        mine(item_link),
        item_link.c.connection_id == sa.bindparam("at_connection"),
        item_link.c.key == any_of("at_links", sa.Text()),
    )
    .union_all(
        sa.select(rule.c.key, rule.c.item_id, *_RULE).where(
            mine(rule),
            rule.c.disabled_at.is_(None),
            rule.c.partner == any_of("at_partners", sa.Text()),
            rule.c.kind.in_([RuleKind.CODE, RuleKind.BARCODE, RuleKind.TEXT]),
            rule.c.key == any_of("at_rules", sa.Text()),
        )
    )
)
"""Links and rules in one query, because every order asks for both."""

CANDIDATES = sa.select(item).where(
    mine(item),
    sa.or_(
        item.c.code_key == any_of("at_codes", sa.Text()),
        item.c.id.in_(
            sa.select(item_barcode.c.item_id).where(
                mine(item_barcode), item_barcode.c.barcode_key == any_of("at_barcodes", sa.Text())
            )
        ),
        item.c.id == any_of("at_items", sa.Uuid()),
    ),
)
BARCODES = sa.select(item_barcode.c.item_id, item_barcode.c.barcode).where(
    mine(item_barcode), item_barcode.c.item_id == any_of("at_items", sa.Uuid())
)


class Items(Repo):
    """Own items, their barcodes and the confirmed links of channel products to them."""

    def upsert(self, rows: Iterable[ItemRow], connection_id: UUID | None = None) -> int:
        """Insert items or replace their data by code; return how many were given."""
        count, version = 0, raise_version(self)
        for row in rows:
            values = {
                "name": row.name,
                "code_key": code_key(row.code),
                "folded": fold(row.name),
                "kind": row.kind,
                "unit": row.unit,
                "vat_rate": row.vat_rate,
                "active": row.active,
                "connection_id": connection_id,
                "updated_at": sa.func.clock_timestamp(),
            }
            indexed = sa.tuple_(item.c.name, item.c.unit, item.c.active)
            same = indexed == sa.tuple_(row.name, row.unit, row.active)
            seen = {**values, "version": sa.case((same, item.c.version), else_=version)}
            item_id = self.db.execute(
                insert(item)
                .values(tenant_id=self.tenant_id, id=row.id, code=row.code, version=version, **values)
                .on_conflict_do_update(index_elements=["tenant_id", "code"], set_=seen)
                .returning(item.c.id)
            ).scalar_one()
            if self._set_barcodes(item_id, row.barcodes):
                changed = sa.update(item).where(self.of(item), item.c.id == item_id)
                self.db.execute(changed.values(version=version))
            count += 1
        return count

    def _set_barcodes(self, item_id: UUID, barcodes: Sequence[str]) -> bool:
        """Make these the barcodes of an item; return whether they were others."""
        gone = self.db.execute(
            sa.delete(item_barcode).where(
                self.of(item_barcode),
                item_barcode.c.item_id == item_id,
                item_barcode.c.barcode.not_in(barcodes),
            )
        )
        new = 0
        if barcodes:
            rows = [
                {
                    "tenant_id": self.tenant_id,
                    "barcode": code,
                    "item_id": item_id,
                    "barcode_key": barcode_key(code),
                }
                for code in set(barcodes)
            ]
            new = self.db.execute(insert(item_barcode).on_conflict_do_nothing(), rows).rowcount
        return bool(gone.rowcount or new)

    def recent(self, *, search: str = "", limit: int = 100) -> list[ItemRow]:
        """Return items by code, or those whose name or code contains a text."""
        statement = sa.select(item).where(self.of(item)).order_by(item.c.code).limit(limit)
        if search:
            statement = statement.where(
                sa.or_(
                    item.c.folded.contains(fold(search), autoescape=True),
                    item.c.code.contains(search, autoescape=True),
                )
            )
        return self._with_barcodes(self.all(statement))

    def by_code(self, code: str) -> ItemRow | None:
        """Return the item of that code."""
        found = self._with_barcodes(self.all(sa.select(item).where(self.of(item), item.c.code == code)))
        return found[0] if found else None

    def candidates(
        self,
        connection_id: UUID,
        *,
        codes: Iterable[str],
        barcodes: Iterable[str],
        links: Iterable[str],
        partners: Iterable[str] = (),
        rules: Iterable[str] = (),
    ) -> tuple[list[ItemRow], dict[str, UUID], list[RuleRow]]:
        """Return the items any of the keys may mean, the confirmed links by key, and the rules in force."""
        found = self.run(
            LINKED,
            at_connection=connection_id,
            at_links=list(links),
            at_partners=list(partners),
            at_rules=list(rules),
        ).all()
        linked = {row.key: row.item_id for row in found if row.id is None}
        rows = self.all(
            CANDIDATES,
            at_codes=list(codes),
            at_barcodes=list(barcodes),
            at_items=[row.item_id for row in found if row.item_id is not None],
        )
        items = self._with_barcodes(rows)
        ruled = [rule_row(row) for row in found if row.id is not None]
        return items, linked, ruled

    def link(self, connection_id: UUID, key: str, item_id: UUID, actor: str) -> None:
        """Store a confirmed link; the newest word of a person wins."""
        values = {"item_id": item_id, "made_by": actor, "made_at": sa.func.clock_timestamp()}
        self.db.execute(
            insert(item_link)
            .values(tenant_id=self.tenant_id, connection_id=connection_id, key=key, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "connection_id", "key"], set_=values)
        )

    def _with_barcodes(self, rows: Sequence[sa.Row[Any]]) -> list[ItemRow]:
        if not rows:
            return []
        codes = self.all(BARCODES, at_items=[row.id for row in rows])
        barcodes: dict[UUID, list[str]] = {}
        for code in codes:
            barcodes.setdefault(code.item_id, []).append(code.barcode)
        return [
            ItemRow(
                row.id,
                row.code,
                row.name,
                row.kind,
                row.unit,
                row.vat_rate,
                tuple(sorted(barcodes.get(row.id, ()))),
                row.active,
            )
            for row in rows
        ]
