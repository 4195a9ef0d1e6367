"""``ConnectorContract``: the standard tests of a plugin, put together from what it implements."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, TypeVar

from kopru.testing.contract.failure import Exempt, Failure, LeftOut, expect
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.subject import Subject

Test = Callable[[Any], None]
F = TypeVar("F", bound=Callable[..., None])

INTEGRITY = "test_contract_is_whole"
_SHORTEST_REASON = 10


def needs(*hooks: str) -> Callable[[F], F]:
    """Mark a standard test that is for plugins with all these hooks only."""

    def mark(test: F) -> F:
        test.__dict__["needs"] = hooks
        return test

    return mark


class Suite(Kit):
    """Standard tests of one capability. Its methods become methods of the plugin's own test class."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether a plugin has the capability."""
        return True

    @classmethod
    def tests(cls, subject: Subject) -> dict[str, Test]:
        """Return the tests that fit a plugin, by name."""
        return {
            name: test
            for name, test in vars(cls).items()
            if name.startswith("test_") and subject.has(*getattr(test, "needs", ()))
        }


def family(suite: type[Suite], prefix: str, case: Any, wanted: Callable[[Test], bool]) -> dict[str, Test]:
    """Return the ``each_…`` tests of a suite for one case, named ``test_<prefix>_…``."""
    return {
        f"test_{prefix}_{name.removeprefix('each_')}": _for_case(test, case, prefix)
        for name, test in vars(suite).items()
        if name.startswith("each_") and wanted(test)
    }


def _for_case(test: Callable[[Any, Any], None], case: Any, prefix: str) -> Test:
    def run(self: Any) -> None:
        test(self, case)

    run.__doc__ = (test.__doc__ or "").replace("HOOK", prefix)
    return run


def standard_tests(subject: Subject) -> dict[str, Test]:
    """Return every standard test of a plugin, by name."""
    from kopru.testing.contract.suites import SUITES  # noqa: PLC0415 - suites build on this module

    found: dict[str, Test] = {}
    for suite in SUITES:
        if suite.applies(subject):
            for name, test in suite.tests(subject).items():
                expect(name not in found, f"Two standard tests are called {name}.")
                found[name] = test
    return found


class ConnectorContract(Kit):
    """The contract test of a plugin.

    Subclass it in the plugin's tests, set ``plugin`` and ``simulator``; pytest finds the standard tests of
    all hooks the plugin implements. ``exempt`` names tests that fail for a reason a user would accept.
    """

    standard: ClassVar[Mapping[str, Test]] = {}
    """The standard tests of this class, by name."""
    replaced: ClassVar[frozenset[str]] = frozenset()
    """Names of standard tests that the class itself defines."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Put the standard tests into the class."""
        super().__init_subclass__(**options)
        if cls.plugin is None:
            return
        if INTEGRITY in vars(cls):
            raise TypeError(f"{cls.__name__} must not define {INTEGRITY}.")
        tests = standard_tests(cls.subject())
        own = {name for name in tests if getattr(cls, name, None) is not cls.standard.get(name)}
        cls.replaced = cls.replaced | own
        standard = {name: _exemptible(name, test) for name, test in tests.items()}
        for name, test in standard.items():
            # In order: test workers compare what they have collected.
            if name not in cls.replaced:
                setattr(cls, name, test)
        cls.standard = standard

    def test_contract_is_whole(self) -> None:
        """Fails when a standard test was removed or overridden, or an exemption is unknown or unreasoned.

        Look at the test class: it sets ``plugin``, ``simulator``, ``exempt`` and levers, and nothing called
        ``test_…``. To leave a test out, put its name and the reason into ``exempt``.
        """
        if self.plugin is None:
            raise Failure("The test class sets no plugin.")
        gone = sorted(
            name for name, test in self.standard.items() if getattr(type(self), name, None) is not test
        )
        expect(not gone, f"Standard tests were removed or overridden: {', '.join(gone)}")
        unknown = sorted(set(self.exempt) - set(self.standard))
        expect(not unknown, f"Exemptions name unknown tests: {', '.join(unknown)}")
        blank = sorted(name for name, reason in self.exempt.items() if not _is_reason(reason))
        expect(not blank, f"Exemptions without a reason: {', '.join(blank)}")


def _is_reason(reason: object) -> bool:
    return isinstance(reason, str) and len(reason.strip()) >= _SHORTEST_REASON


def _exemptible(name: str, test: Test) -> Test:
    """Return a test that, when exempt, must fail; once it passes the exemption has to go."""

    @wraps(test)
    def run(self: Kit) -> None:
        if name not in self.exempt:
            test(self)
            return
        try:
            test(self)
        except LeftOut:
            raise
        except Exception as error:
            raise Exempt(f"exempt: {self.exempt[name]}") from error
        raise Failure(f"{name} passes; its exemption ({self.exempt[name]}) is not needed any more.")

    run.__name__ = name
    run.__qualname__ = name
    # pytest reads the signature of what was wrapped, which is not the test any more.
    del run.__wrapped__
    return run
