"""Trendyol connector for Köprü."""

from kopru_trendyol.hooks import plugin

__all__ = ["plugin"]
