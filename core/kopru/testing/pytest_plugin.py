"""Fixtures for plugin authors, loaded by pytest when ``kopru[testing]`` is installed."""
