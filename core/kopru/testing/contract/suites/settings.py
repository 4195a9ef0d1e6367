"""Settings: explained, secrets hidden, old versions readable."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from kopru.hooks.manifest import Manifest
from kopru.testing.contract.base import Suite, Test
from kopru.testing.contract.failure import Failure, LeftOut, expect
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.subject import Subject
from kopru.transport.redaction import secrets_of

_SECRETS = (SecretStr, SecretBytes)
_SOUNDS_SECRET = re.compile(
    r"(^|_)(password|passwd|secret|token|api_?key|parola|sifre|private_?key)$", re.IGNORECASE
)
_ODD_VALUES: tuple[Any, ...] = (None, 0, -1, "", "\x00", [], {}, [[]], {"a": {"b": 1}}, 1e308, True)


class SettingsSuite(Suite):
    """Tests of the settings model."""

    @classmethod
    def tests(cls, subject: Subject) -> dict[str, Test]:
        """Leave the migration out while there is only one version, and accounts where none is counted."""
        found = super().tests(subject)
        if subject.manifest.config_version == 1 and subject.manifest.migrate_config is None:
            del found["test_old_settings_migrate"]
        if not _counts_per_account(subject.manifest):
            del found["test_account_is_named"]
        return found

    def test_settings_are_explained(self) -> None:
        """Fails when a setting has no title or description; the console draws its form from the schema."""
        bare = [
            name
            for name, field in self.subject().manifest.config.model_fields.items()
            if not (field.title and field.description)
        ]
        expect(not bare, f"Settings without title or description: {', '.join(bare)}")

    def test_settings_hide_secrets(self) -> None:
        """Fails when a secret is not a ``SecretStr``, so that forms, logs and lists would show it.

        Look at fields named like a secret, and at the JSON schema: secrets have the format ``password``.
        """
        config = self.subject().manifest.config
        open_secrets = [name for name, field in _fields(config) if _is_open_secret(name, field)]
        expect(not open_secrets, f"Secrets in clear: {', '.join(open_secrets)}")
        deep = [name for name, field in _deeper(config) if _is_secret(field)]
        expect(not deep, f"Secrets inside a group of settings; they stand at the top: {', '.join(deep)}")
        properties = config.model_json_schema().get("properties", {})
        for name, field in config.model_fields.items():
            if _is_secret(field):
                expect(_is_password(properties.get(name, {})), f"The schema shows {name} as plain text.")

    def test_settings_are_silent(self) -> None:
        """Fails when printing the settings, or the message about wrong ones, shows a secret.

        Look at validators that put values into their messages, and at a ``__repr__`` of your own.
        """
        values = _values(self)
        settings = self.subject().manifest.config.model_validate(values)
        secrets = [secret for secret in secrets_of(settings) if secret]
        texts = [repr(settings), str(settings), settings.model_dump_json()]
        for spoilt in _spoilt(values, settings):
            texts += _complaints(type(settings), spoilt)
        for secret in secrets:
            shown = next((text for text in texts if secret in text), None)
            expect(shown is None, f"A secret is shown: {shown and shown.replace(secret, '***')[:300]}")

    def test_wrong_settings_are_refused_politely(self) -> None:
        """Fails when a wrong value makes the settings model raise anything but a validation error.

        Look at your validators: they get whatever an operator or an old file contains.
        """
        values = _values(self)
        config = self.subject().manifest.config
        for spoilt in _spoilt(values, config.model_validate(values)):
            _complaints(config, spoilt)

    def test_account_is_named(self) -> None:
        """Fails when a quota counts per account, but nothing says which account a connection belongs to.

        Look at ``Manifest.account_of``: the same settings give the same text, and a wrong secret gives
        another one, so that nobody uses up a stranger's quota.
        """
        account_of = self.subject().manifest.account_of
        if account_of is None:
            raise Failure("A quota has the scope account, but the manifest lacks account_of.")
        config, values = self.subject().manifest.config, _values(self)
        named = account_of(config.model_validate(values))
        expect(isinstance(named, str) and named, f"account_of returned {named!r}.")
        expect(account_of(config.model_validate(values)) == named, "account_of names equal settings apart.")
        secrets = [
            name for name, field in config.model_fields.items() if _is_secret(field) and name in values
        ]
        wrong = {**values, **{name: f"{values[name]}-wrong" for name in secrets}}
        expect(
            not secrets or account_of(config.model_validate(wrong)) != named,
            "account_of names the same account when every secret is wrong; take the login into it.",
        )

    def test_old_settings_migrate(self) -> None:
        """Fails when stored settings of an earlier version cannot be brought to the present one.

        Look at ``migrate_config(version, values)``: pure, for every earlier version. The test class gives
        one stored example for each in ``old_configs``.
        """
        manifest = self.subject().manifest
        migrate = manifest.migrate_config
        if migrate is None:
            raise Failure(f"config_version is {manifest.config_version}, but there is no migrate_config.")
        earlier = range(1, manifest.config_version)
        lacking = [version for version in earlier if version not in self.old_configs]
        expect(not lacking, f"old_configs has no example of version {lacking}.")
        for version in earlier:
            stored = copy.deepcopy(dict(self.old_configs[version]))
            migrated = migrate(version, stored)
            expect(
                stored == dict(self.old_configs[version]), f"Migrating version {version} changed its input."
            )
            manifest.config.model_validate(migrated)
            again = migrate(version, copy.deepcopy(stored))
            expect(migrated == again, f"Migrating version {version} twice gives different settings.")


def _values(kit: Kit) -> dict[str, Any]:
    """Return settings that fit: the remote's, or the test class's own."""
    if kit.subject().connects:
        with kit.connected(empty=True) as session:
            return dict(session.config)
    try:
        kit.subject().manifest.config.model_validate(dict(kit.config))
    except ValidationError as error:
        raise LeftOut("The test class gives no config that the settings model takes.") from error
    return dict(kit.config)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the fields of a model and of the models in it."""
    for name, field in model.model_fields.items():
        yield name, field
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _fields(kind)


def _deeper(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the fields of the models in a model."""
    own = list(model.model_fields.values())
    return ((name, field) for name, field in _fields(model) if not any(field is each for each in own))


def _counts_per_account(manifest: Manifest) -> bool:
    return any(quota.scope == "account" for quota in manifest.quotas)


def _kinds(field: FieldInfo) -> tuple[Any, ...]:
    return get_args(field.annotation) or (field.annotation,)


def _is_secret(field: FieldInfo) -> bool:
    return any(kind in _SECRETS for kind in _kinds(field))


def _is_open_secret(name: str, field: FieldInfo) -> bool:
    return bool(_SOUNDS_SECRET.search(name)) and not _is_secret(field) and str in _kinds(field)


def _is_password(schema: Mapping[str, Any]) -> bool:
    options = (schema, *schema.get("anyOf", ()))
    return any(option.get("format") == "password" for option in options)


def _spoilt(values: dict[str, Any], settings: BaseModel) -> Iterator[dict[str, Any]]:
    """Yield settings with one thing wrong: a field missing, unknown or of another type."""
    yield {**values, "kopru_unknown_setting": "?"}
    for name in type(settings).model_fields:
        yield {other: value for other, value in values.items() if other != name}
        for odd in _ODD_VALUES:
            yield {**values, name: odd}


def _complaints(config: type[BaseModel], values: dict[str, Any]) -> list[str]:
    """Return what the engine would tell an operator about settings: places and messages."""
    try:
        config.model_validate(values)
    except ValidationError as error:
        return [f"{each['loc']}: {each['msg']}" for each in error.errors(include_input=False)]
    except Exception as error:
        message = f"The settings model raised {type(error).__name__} for a wrong value: {error}"
        raise Failure(message) from error
    return []
