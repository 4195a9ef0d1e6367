"""Köprü plugin: orders from CSV and XLSX exports."""

from kopru_orderfile.hooks import plugin

__all__ = ["plugin"]
