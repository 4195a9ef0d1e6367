"""The command line."""

from kopru.cli.app import app

__all__ = ["app"]
