"""Helpers for plugin authors. Import the submodules by name: ``from kopru.toolkit import xml, dates``.

``archive``      read ZIP files that may be hostile
``auth``         basic and bearer headers, OAuth client credentials
``dates``        Turkish date formats, Excel serials, epoch milliseconds, Istanbul days
``einvoice``     the header of a UBL-TR invoice, GİB's envelope codes
``fold``         Turkish letter case, comparison keys, search and sort columns
``graphql``      GraphQL calls: errors inside successful answers, fields left out
``mapping``      revisions, extras, unreadable texts, plain numbers
``numbers``      numbers written the Turkish or the international way, always to ``Decimal``
``paging``       page, offset and cursor positions, time windows that split and narrow
``records``      lists in JSON answers, each record with the bytes it came in
``rows``         fields of rows whose types are not what was documented
``soap``         SOAP calls through zeep, with WSDL and login, over ``ctx.http``
``spreadsheet``  cells and CSV files that no program takes for formulas
``taxnumbers``   check digits of VKN, TCKN and GTIN
``tables``       CSV and XLSX tables that people upload, as rows of text
``text``         lengths in characters and bytes, names, phones, invisible characters
``tsql``         SQL Server statements for services that take them as text
``validation``   hostile JSON, and findings from a failed pydantic validation
``workbook``     the first sheet of an XLSX file; ``tables`` reads it
``xml``          the one XML parser; DOCTYPE refused, size capped

Nothing here does I/O of its own; ``auth``, ``graphql`` and ``soap`` call out through ``ctx.http`` alone.
"""
