"""Hepsiburada connector for Köprü."""

from kopru_hepsiburada.hooks import plugin

__all__ = ["plugin"]
