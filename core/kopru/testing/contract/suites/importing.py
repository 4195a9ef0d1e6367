"""Importing a plugin: quick, and without any effect."""

from kopru.testing.contract.base import Suite
from kopru.testing.contract.failure import expect
from kopru.testing.contract.probe import probe_import

LONGEST_IMPORT = 0.2
"""Seconds importing a plugin may take on top of ``kopru.sdk``; every command waits for every plugin."""


class ImportSuite(Suite):
    """Tests that import the plugin in a process of its own."""

    def test_import_is_fast(self) -> None:
        """Fails when importing the plugin takes longer than 200 ms on top of ``kopru.sdk``.

        Look at ``python -X importtime``: import heavy libraries inside the function that needs them.
        """
        seconds = probe_import(type(self.plugin).__module__, LONGEST_IMPORT).seconds
        expect(seconds < LONGEST_IMPORT, f"Importing took {seconds * 1000:.0f} ms at best.")

    def test_import_is_quiet(self) -> None:
        """Fails when importing the plugin opens a socket, starts a thread or starts a process.

        Look at module-level code and at libraries that warm up on import.
        """
        found = probe_import(type(self.plugin).__module__, LONGEST_IMPORT)
        expect(not found.opened, f"Importing opened or started: {', '.join(found.opened)}")
        expect(not found.threads, f"Importing started {found.threads} thread(s).")
