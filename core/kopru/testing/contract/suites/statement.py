"""Manifest and hooks: what a plugin states and what it does must agree both ways."""

import inspect
import re
from collections.abc import Iterator
from datetime import timedelta

from pydantic import BaseModel

from kopru.hooks.manifest import HOOK_API, Manifest, Quota, Repeat
from kopru.hooks.specs import KopruSpecs
from kopru.hooks.types import Operation
from kopru.model import Text
from kopru.testing.contract.base import Suite
from kopru.testing.contract.failure import expect, expect_same
from kopru.testing.contract.subject import SPEC_NAMES, STREAMS, Subject

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_SCOPES = ("connection", "account")
_FACTS_OF = {"render_invoice": "formats", "submit_invoice": "profiles", "post_invoice": "documents"}


class StatementSuite(Suite):
    """Tests that need nothing but the plugin object."""

    def test_manifest_is_complete(self) -> None:
        """Fails when name, title, version, settings model or hook API of the manifest are not usable.

        Look at ``manifest.py``: the name is what the entry point is called, the title has both languages.
        """
        manifest = self.subject().manifest
        expect(isinstance(manifest, Manifest), "plugin.manifest is no Manifest.")
        expect(_NAME.match(manifest.name), f"The name {manifest.name!r} is not a lower-case identifier.")
        expect(isinstance(manifest.title, Text), "The title is no Text.")
        expect(manifest.title.tr.strip() and manifest.title.en.strip(), "The title lacks a language.")
        expect(manifest.version.strip(), "The version is empty.")
        expect(issubclass(manifest.config, BaseModel), "config is no pydantic model.")
        low, high = manifest.hook_api
        expect(low <= HOOK_API <= high, f"Hook API {HOOK_API} is outside the stated {low} to {high}.")

    def test_manifest_numbers_make_sense(self) -> None:
        """Fails when a stream, write or quota states a number that cannot be meant.

        Look at ``streams``, ``writes`` and ``quotas`` of the manifest: sizes and periods are positive, quota
        names are distinct, paths are regular expressions.
        """
        manifest = self.subject().manifest
        for hook, stream in manifest.streams.items():
            expect(stream.largest_page >= 1, f"streams[{hook}] has no page size.")
            for name in ("span", "reach", "poll_every"):
                value = getattr(stream, name)
                expect(value is None or value > timedelta(0), f"streams[{hook}].{name} is not positive.")
            expect(stream.overlap >= timedelta(0), f"streams[{hook}].overlap is negative.")
        for operation, write in manifest.writes.items():
            expect(write.batch >= 1, f"writes[{operation}].batch is not positive.")
            expect(write.quiet >= timedelta(0), f"writes[{operation}].quiet is negative.")
            expect(write.timeout > timedelta(0), f"writes[{operation}].timeout is not positive.")
        for quota in manifest.quotas:
            _check_quota(quota)
        names = [quota.name for quota in manifest.quotas]
        expect_same(len(set(names)), len(names), "Distinct quota names")

    def test_hooks_are_known(self) -> None:
        """Fails when a method is marked with ``@hookimpl`` but no hook has that name.

        Look at the spelling; ``kopru.hooks.specs`` has all names. The engine skips the whole plugin.
        """
        unknown = sorted(self.subject().marked - SPEC_NAMES)
        expect(not unknown, f"Unknown hooks: {', '.join(unknown)}")

    def test_no_hook_is_unmarked(self) -> None:
        """Fails when a method has the name of a hook but lacks ``@hookimpl``, so that nobody calls it."""
        subject = self.subject()
        named = {name for name in SPEC_NAMES if callable(getattr(subject.plugin, name, None))}
        unmarked = sorted(named - subject.marked)
        expect(not unmarked, f"Not marked with @hookimpl: {', '.join(unmarked)}")

    def test_hook_parameters_match(self) -> None:
        """Fails when a hook's parameters are not named as in its specification; they are passed by name."""
        subject = self.subject()
        for hook in sorted(subject.hooks):
            wanted = list(inspect.signature(getattr(KopruSpecs, hook)).parameters)[1:]
            found = list(inspect.signature(getattr(subject.plugin, hook)).parameters)
            expect_same(found, wanted, f"Parameters of {hook}")

    def test_manifest_covers_hooks(self) -> None:
        """Fails when the manifest lacks a fact that an implemented hook needs.

        Look at ``streams`` for reads, ``writes`` for writes, ``formats`` for ``render_invoice``, ``profiles``
        for ``submit_invoice`` and ``documents`` for ``post_invoice``.
        """
        subject = self.subject()
        lacking = [
            f"streams[{hook}]" for hook in STREAMS if hook in subject.hooks - set(subject.manifest.streams)
        ]
        lacking += [
            f"writes[{operation}]"
            for operation in Operation
            if operation.value in subject.hooks and operation not in subject.manifest.writes
        ]
        lacking += [
            name
            for hook, name in _FACTS_OF.items()
            if hook in subject.hooks and not getattr(subject.manifest, name)
        ]
        lacking += [] if subject.simulator is None or _is_called(subject) else ["base_url or sql_server"]
        lacking += ["statements"] if subject.manifest.sql_server and not subject.manifest.statements else []
        lacking += (
            [] if "check_connection" in subject.hooks or not _connects(subject) else ["check_connection"]
        )
        expect(not lacking, f"Missing: {', '.join(lacking)}")

    def test_manifest_claims_no_more(self) -> None:
        """Fails when the manifest states facts about hooks that the plugin does not implement."""
        subject = self.subject()
        claims = sorted(_idle_claims(subject))
        expect(not claims, f"Claimed without a hook: {', '.join(claims)}")

    def test_writes_can_be_followed(self) -> None:
        """Fails when a write's repeat mode or asynchrony needs a hook that is not there.

        ``natural_unique`` and ``query_by_ref`` need ``locate``: after a lost answer only a look-up can tell.
        ``asynchronous`` needs ``fetch_receipts``, which has the final word.
        """
        subject = self.subject()
        for operation, write in subject.operations.items():
            if write.repeat in (Repeat.NATURAL_UNIQUE, Repeat.QUERY_BY_REF):
                expect(subject.has("locate"), f"{operation} is {write.repeat}, but there is no locate.")
            if write.asynchronous:
                expect(subject.has("fetch_receipts"), f"{operation} is asynchronous without fetch_receipts.")


def _is_called(subject: Subject) -> bool:
    return subject.manifest.base_url is not None or subject.manifest.sql_server is not None


def _connects(subject: Subject) -> bool:
    return _is_called(subject) or subject.manifest.folder is not None


def _check_quota(quota: Quota) -> None:
    expect(quota.calls >= 1 and quota.period > timedelta(0), f"Quota {quota.name} allows no call.")
    expect(quota.scope in _SCOPES, f"Quota {quota.name} has the unknown scope {quota.scope!r}.")
    try:
        re.compile(quota.path)
    except re.error as error:
        expect(False, f"The path of quota {quota.name} is no regular expression: {error}")


def _idle_claims(subject: Subject) -> Iterator[str]:
    manifest = subject.manifest
    for hook in set(manifest.streams) - subject.hooks:
        yield f"streams[{hook}]"
    for operation in manifest.writes:
        if operation.value not in subject.hooks:
            yield f"writes[{operation}]"
    for operation in manifest.removable:
        if operation not in manifest.writes or "cancel_document" not in subject.hooks:
            yield f"removable[{operation}]"
    for hook, name in _FACTS_OF.items():
        if getattr(manifest, name) and hook not in subject.hooks:
            yield name
    if manifest.quotas and manifest.base_url is None:
        yield "quotas"
