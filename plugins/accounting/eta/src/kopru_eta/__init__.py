"""Köprü connector for the accounting system ETA (ETA:SQL, ETA V.8-SQL) through its SQL Server database."""

from kopru.sdk import ports
from kopru_eta.hooks import EtaPlugin

plugin = EtaPlugin()

_check: ports.ChecksConnection = plugin
_definitions: ports.FetchesDefinitions = plugin
_products: ports.FetchesProducts = plugin
_stock: ports.FetchesStock = plugin
_parties: ports.FetchesParties = plugin
_upsert_party: ports.UpsertsParty = plugin
_upsert_product: ports.UpsertsProduct = plugin
_invoice: ports.PostsInvoice = plugin
_cancel: ports.CancelsDocument = plugin
_locate: ports.Locates = plugin
_refs: ports.FetchesRefs = plugin

__all__ = ["plugin"]
