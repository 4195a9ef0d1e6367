"""The private PostgreSQL and Valkey of a data directory, or the operator's own servers in their place."""

from kopru.runtime.servers.keeper import Keeper
from kopru.runtime.servers.session import Endpoints, ServerStatus, Status, connect, down, status

__all__ = ["Endpoints", "Keeper", "ServerStatus", "Status", "connect", "down", "status"]
