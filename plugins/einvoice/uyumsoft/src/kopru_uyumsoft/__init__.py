"""Uyumsoft e-invoice channel for Köprü: send, follow, download, cancel, receive."""

from kopru.sdk import ports
from kopru_uyumsoft.hooks import UyumsoftPlugin

plugin = UyumsoftPlugin()

_checks: ports.ChecksConnection = plugin
_definitions: ports.FetchesDefinitions = plugin
_recipients: ports.LooksUpRecipient = plugin
_submits: ports.SubmitsInvoice = plugin
_locates: ports.Locates = plugin
_receipts: ports.FetchesReceipts = plugin
_documents: ports.FetchesDocument = plugin
_cancels: ports.CancelsDocument = plugin
_inbox: ports.FetchesInbox = plugin
_refs: ports.FetchesRefs = plugin

__all__ = ["plugin"]
