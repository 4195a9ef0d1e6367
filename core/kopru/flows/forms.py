"""The settings of a connector as a form: what a page or a program needs to ask a person for them.

Pure: read from the JSON Schema of the plugin's settings model. Titles and descriptions stand there in one
language; a field may add the other as ``json_schema_extra={"title_en": …, "description_en": …}``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from kopru.hooks.manifest import Manifest
from kopru.model import Text

Schema = Mapping[str, Any]

_LIMITS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "minItems", "maxItems", "pattern"),
)
_NUMBERS = {frozenset({"number", "string"}): "decimal", frozenset({"number"}): "decimal"}
_PLAIN = {"string": "text", "integer": "integer", "number": "decimal", "boolean": "boolean"}
_FORMATS = {"date": "date", "date-time": "time", "uuid": "uuid"}


@dataclass(frozen=True, slots=True)
class FormField:
    """One setting.

    ``type`` is ``text``, ``integer``, ``decimal``, ``boolean``, ``date``, ``time``, ``uuid``, ``choice``,
    ``list``, ``table`` (values by name) or ``group`` (settings of their own, in ``fields``). ``empty`` says
    that it may be left without a value. ``default`` is missing on required ones and on secrets. ``limits``
    are the schema's own words, ``minimum`` and the like. ``item`` describes the entries of lists and tables.
    """

    name: str
    order: int
    title: Text
    description: Text
    type: str
    required: bool = False
    secret: bool = False
    empty: bool = False
    default: Any = None
    choices: tuple[Any, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    item: "FormField | None" = None
    fields: "tuple[FormField, ...]" = ()

    def to_json(self) -> dict[str, Any]:
        """Return JSON data; what does not apply to the type is left out."""
        data: dict[str, Any] = {
            "name": self.name,
            "order": self.order,
            "title": {"tr": self.title.tr, "en": self.title.en},
            "description": {"tr": self.description.tr, "en": self.description.en},
            "type": self.type,
            "required": self.required,
            "secret": self.secret,
            "empty": self.empty,
        }
        if not self.required and not self.secret:
            data["default"] = self.default
        if self.choices:
            data["choices"] = list(self.choices)
        if self.limits:
            data["limits"] = dict(self.limits)
        if self.item is not None:
            data["item"] = self.item.to_json()
        if self.fields:
            data["fields"] = [each.to_json() for each in self.fields]
        return data


def form_of(manifest: Manifest) -> tuple[FormField, ...]:
    """Return the settings of a plugin's connection in the order to ask for them."""
    schema = manifest.config.model_json_schema()
    return tuple(_fields(schema, schema.get("$defs", {})))


def form_json(manifest: Manifest) -> dict[str, Any]:
    """Return a plugin's form as JSON data."""
    return {
        "plugin": manifest.name,
        "title": {"tr": manifest.title.tr, "en": manifest.title.en},
        "config_version": manifest.config_version,
        "fields": [each.to_json() for each in form_of(manifest)],
    }


def secret_names(config: type[BaseModel]) -> list[str]:
    """Return the settings that are stored encrypted and never shown."""
    schema = config.model_json_schema()
    return [each.name for each in _fields(schema, schema.get("$defs", {})) if each.secret]


def _fields(schema: Schema, definitions: Mapping[str, Schema]) -> Iterator[FormField]:
    required = set(schema.get("required", ()))
    for order, (name, each) in enumerate(schema.get("properties", {}).items(), start=1):
        yield _field(name, order, each, definitions, required=name in required)


def _field(
    name: str, order: int, given: Schema, definitions: Mapping[str, Schema], *, required: bool
) -> FormField:
    schema, empty = _plain(given, definitions)
    choices = tuple(schema.get("enum", ()))
    secret = _is_secret(schema)
    kind = "choice" if choices else _kind(schema)
    entries = schema.get("items") if kind == "list" else schema.get("additionalProperties")
    has_item = kind in ("list", "table") and isinstance(entries, Mapping)
    return FormField(
        name=name,
        order=order,
        title=_text(given, schema, "title", name),
        description=_text(given, {}, "description"),
        type=kind,
        required=required,
        secret=secret,
        empty=empty,
        default=None if required or secret else given.get("default"),
        choices=choices,
        limits={word: schema[word] for word in _LIMITS if word in schema},
        item=_field("", 1, entries or {}, definitions, required=True) if has_item else None,
        fields=tuple(_fields(schema, definitions)) if kind == "group" else (),
    )


def _plain(schema: Schema, definitions: Mapping[str, Schema]) -> tuple[Schema, bool]:
    """Return a field's schema with references followed, and whether it may have no value."""
    if "$ref" in schema:
        return _plain(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    options = [_plain(each, definitions)[0] for each in schema.get("anyOf", ())]
    if not options:
        return schema, False
    present = [each for each in options if each.get("type") != "null"]
    empty = len(present) < len(options)
    if len(present) == 1:
        return {**schema, **present[0]}, empty
    # A decimal may be written as a number or as text; the number says what is allowed.
    kind = _NUMBERS.get(frozenset(str(each.get("type")) for each in present), "")
    number = next((each for each in present if each.get("type") == "number"), present[0])
    return {**number, "type": "number" if kind else "string"}, empty


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "array":
        return "list"
    if kind == "object":
        return "group" if "properties" in schema else "table"
    return _FORMATS.get(schema.get("format", "")) or _PLAIN.get(str(kind), "text")


def _is_secret(schema: Schema) -> bool:
    return schema.get("format") == "password"


def _text(given: Schema, referred: Schema, word: str, otherwise: str = "") -> Text:
    own = str(given.get(word) or referred.get(word) or otherwise)
    return Text(tr=own, en=str(given.get(f"{word}_en") or own))
