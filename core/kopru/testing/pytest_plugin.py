"""Fixtures for plugin authors, loaded by pytest when ``kopru[testing]`` is installed.

``kopru_world`` is a made-up world of ten orders, ``kopru_ctx(plugin, config)`` gives a context with the real
transport, ``kopru_key(*parts)`` the identity of a write.
"""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def kopru_world() -> Any:
    """Return a made-up world of ten orders."""
    from kopru.testing.world import make_world  # noqa: PLC0415 - pytest loads this module in every project

    return make_world()


@pytest.fixture
def kopru_ctx() -> Callable[..., Any]:
    """Return ``kopru.testing.context.test_ctx``: plugin and settings give a context."""
    from kopru.testing.context import test_ctx  # noqa: PLC0415 - pytest loads this module in every project

    return test_ctx


@pytest.fixture
def kopru_key() -> Callable[..., Any]:
    """Return a function that gives the same key for the same parts."""
    from kopru.testing.samples import sample_key  # noqa: PLC0415 - pytest loads this module in every project

    return sample_key
