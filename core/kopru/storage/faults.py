"""Errors of the database as the rest of the engine needs to know them."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, TimeoutError

DatabaseError = SQLAlchemyError
"""Anything that went wrong between us and the database."""


def passes(error: BaseException) -> bool:
    """Whether an error says that the database is away or busy for now, not that something is wrong."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | TimeoutError)
