"""Starts a new plugin: a package that loads at once, and whose failing tests say what to write."""

from kopru.scaffold.contract import hooks
from kopru.scaffold.package import render, write
from kopru.scaffold.plan import Plan, Transport, make_plan

__all__ = ["Plan", "Transport", "hooks", "make_plan", "render", "write"]
