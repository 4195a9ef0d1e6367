"""ikas connector for Köprü."""

from kopru_ikas.hooks import plugin

__all__ = ["plugin"]
