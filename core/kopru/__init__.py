"""Köprü: an integration engine for orders, invoices, ledgers and Turkish e-documents."""
