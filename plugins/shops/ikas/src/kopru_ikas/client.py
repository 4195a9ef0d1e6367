"""ikas's interface, one method per thing done. Holds nothing but the hook's context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kopru.sdk import AuthError, Credentials, Ctx, OutcomeUnknown, Rejected, TransientError
from kopru.toolkit import auth, graphql
from kopru.toolkit.records import Answer, Item
from kopru_ikas import queries
from kopru_ikas.config import IkasConfig
from kopru_ikas.errors import explain
from kopru_ikas.texts import TEXTS

Json = dict[str, Any]

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; ``count`` is how many records match in all."""

    items: tuple[Item, ...]
    more: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Client:
    """Calls ikas for one connection."""

    ctx: Ctx[IkasConfig]
    credentials: Credentials | None = None
    """Used instead of the context's when the connection check logs in by itself."""

    @property
    def config(self) -> IkasConfig:
        """Return the connection's settings."""
        return self.ctx.config

    def logged_in(self) -> "Client":
        """Return a client with a login of its own."""
        return replace(self, credentials=self.login())

    def login(self) -> Credentials:
        """Ask for an access token as a private app. It lasts some hours; there is nothing to refresh.

        Raises:
            AuthError: ikas refused id or secret.
        """
        config = self.config
        try:
            return auth.client_credentials(
                self.ctx, config.token_path, client_id=config.client_id, client_secret=config.client_secret
            )
        except Rejected as refusal:
            text = TEXTS["ikas.login.refused"]
            raise AuthError("ikas.login.refused", text, detail=refusal.detail) from refusal

    def orders(
        self,
        selection: str,
        *,
        page: int,
        limit: int,
        updated_at: Mapping[str, int] | None = None,
        ids: Sequence[str] = (),
        sort: str = "",
    ) -> Listing:
        """Return one page of orders, with some fields of each. Times are epoch milliseconds."""
        variables: Json = {"pagination": {"page": page, "limit": limit}}
        variables |= {"updatedAt": dict(updated_at)} if updated_at else {}
        variables |= {"id": {"in": list(ids)}} if ids else {}
        variables |= {"sort": sort} if sort else {}
        chosen = graphql.without(selection, frozenset(self.config.left_out_fields))
        return self._listing(queries.list_order(chosen), variables, "listOrder")

    def products(
        self, *, page: int, limit: int, sort: str = "", filters: Mapping[str, Sequence[str]] | None = None
    ) -> Listing:
        """Return one page of products; ``filters`` are lists of ``sku`` or ``barcodeList`` values."""
        variables: Json = {"pagination": {"page": page, "limit": limit}}
        variables |= {name: {"in": list(values)} for name, values in (filters or {}).items()}
        variables |= {"sort": sort} if sort else {}
        return self._listing(queries.PRODUCTS, variables, "listProduct")

    def rows(self, document: str, name: str) -> list[Json]:
        """Return the rows of a short list, such as stock locations."""
        found = self._call(document, {}).data.get(name)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise malformed(name)
        return found

    def one(self, document: str, name: str) -> Json | None:
        """Return a single object, or ``None`` where ikas has none."""
        found = self._call(document, {}).data.get(name)
        if found is not None and not isinstance(found, dict):
            raise malformed(name)
        return found

    def write(self, document: str, name: str, given: Json) -> Any:
        """Send a mutation with its input and return what it answers.

        Raises:
            OutcomeUnknown: the answer does not tell what became of it.
        """
        found = self._call(document, {"input": given}, write=True).data.get(name)
        if found is None:
            raise OutcomeUnknown("ikas.answer", TEXTS["ikas.answer"], detail=name)
        return found

    def _listing(self, document: str, variables: Json, name: str) -> Listing:
        answer = self._call(document, variables, listed=f"{name}.data")
        head = answer.data.get(name)
        if not isinstance(head, dict) or answer.items is None or not isinstance(head.get("hasNext"), bool):
            raise malformed(name)
        count = head.get("count")
        return Listing(answer.items, head["hasNext"], count if type(count) is int and count >= 0 else None)

    def _call(self, document: str, variables: Json, *, write: bool = False, listed: str = "") -> Answer:
        return graphql.call(
            self.ctx,
            self.config.graphql,
            document,
            variables,
            headers=auth.of_credentials(self.credentials or self.ctx.credentials),
            explain=explain,
            write=write,
            listed=listed,
        )


def malformed(detail: str) -> TransientError:
    """Return the error of an answer to a query that has another shape than documented."""
    return TransientError("ikas.answer", TEXTS["ikas.answer"], detail=detail[:200])
