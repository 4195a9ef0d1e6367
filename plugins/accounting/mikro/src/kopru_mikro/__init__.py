"""Köprü connector for the accounting system Mikro (Jump, Run, Fly) through its Mikro API service."""

from kopru.sdk import ports
from kopru_mikro.hooks import MikroPlugin

plugin = MikroPlugin()

_check: ports.ChecksConnection = plugin
_definitions: ports.FetchesDefinitions = plugin
_products: ports.FetchesProducts = plugin
_stock: ports.FetchesStock = plugin
_parties: ports.FetchesParties = plugin
_upsert_party: ports.UpsertsParty = plugin
_upsert_product: ports.UpsertsProduct = plugin
_order: ports.PostsOrder = plugin
_invoice: ports.PostsInvoice = plugin
_cancel: ports.CancelsDocument = plugin
_locate: ports.Locates = plugin
_refs: ports.FetchesRefs = plugin

__all__ = ["plugin"]
