"""Helpers for plugin authors. Import the submodules by name: ``from kopru.toolkit import xml, dates``.

``archive``      read ZIP files that may be hostile
``auth``         basic and bearer headers, OAuth client credentials
``dates``        Turkish date formats, Excel serials, epoch milliseconds, Istanbul days
``fold``         Turkish letter case, comparison keys, search and sort columns
``numbers``      numbers written the Turkish or the international way, always to ``Decimal``
``paging``       page, offset and cursor positions, time windows that split and narrow
``taxnumbers``   check digits of VKN, TCKN and GTIN
``text``         lengths in characters and bytes, names, phones, invisible characters
``validation``   hostile JSON, and findings from a failed pydantic validation
``xml``          the one XML parser; DOCTYPE refused, size capped

Nothing here does I/O of its own; ``auth`` calls out through ``ctx.http`` alone.
"""
