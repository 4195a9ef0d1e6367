"""The settings of a connector as a form: everything a page needs to ask for them, and nothing secret."""

import json
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from importlib.metadata import entry_points

import pytest
from pydantic import BaseModel, Field, SecretStr

from kopru.flows.forms import form_json, form_of, secret_names
from kopru.registry import Registry

REGISTRY = Registry.installed()
SIMULATORS = [each for each in entry_points(group="kopru.simulators") if each.name in REGISTRY.manifests]
TYPES = {"text", "integer", "decimal", "boolean", "date", "time", "uuid", "choice", "list", "table", "group"}


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(BaseModel):
    name: str = Field(title="Ad", description="Parçanın adı.", max_length=5)


class Settings(BaseModel):
    url: str = Field(
        pattern="^https://",
        title="Adres",
        description="Panelin adresi.",
        json_schema_extra={"title_en": "Address", "description_en": "Address of the panel."},
    )
    key: SecretStr = Field(title="Anahtar", description="Gizli.")
    spare: SecretStr | None = Field(None, title="Yedek", description="Gizli.")
    password_hint: str = Field("password", title="İpucu", description="Bir password değildir.")
    colour: Colour = Field(Colour.RED, title="Renk", description="")
    rate: Decimal | None = Field(Decimal("1.5"), ge=0, title="Oran", description="")
    count: int = Field(3, ge=1, le=9, title="Adet", description="")
    names: tuple[str, ...] = Field((), title="Adlar", description="")
    parts: dict[str, Part] = Field({}, title="Parçalar", description="")
    part: Part = Field(Part(name="x"), title="Parça", description="")


@pytest.fixture
def fields():
    manifest = replace(REGISTRY.manifest("trendyol"), config=Settings)
    return {field.name: field for field in form_of(manifest)}


def test_fields_keep_the_order_of_the_settings(fields):
    assert list(fields) == list(Settings.model_fields)
    assert [field.order for field in fields.values()] == list(range(1, len(fields) + 1))


def test_types_limits_and_choices(fields):
    assert {name: field.type for name, field in fields.items()} == {
        **dict.fromkeys(("url", "key", "spare", "password_hint"), "text"),
        "colour": "choice",
        "rate": "decimal",
        "count": "integer",
        "names": "list",
        "parts": "table",
        "part": "group",
    }
    assert fields["colour"].choices == ("red", "blue")
    assert fields["count"].limits == {"minimum": 1, "maximum": 9}
    assert fields["url"].limits == {"pattern": "^https://"}
    assert fields["rate"].limits == {"minimum": 0.0}
    assert fields["names"].item.type == "text"
    assert fields["parts"].item.type == "group"
    assert [each.name for each in fields["part"].fields] == ["name"]
    assert fields["part"].fields[0].limits == {"maxLength": 5}


def test_what_is_required_empty_and_given_by_default(fields):
    assert [name for name, field in fields.items() if field.required] == ["url", "key"]
    assert [name for name, field in fields.items() if field.empty] == ["spare", "rate"]
    assert fields["count"].default == 3 and fields["colour"].default == "red"


def test_only_secrets_are_secret(fields):
    """A word in a title, a description or a default makes nothing secret."""
    assert [name for name, field in fields.items() if field.secret] == ["key", "spare"]
    assert secret_names(Settings) == ["key", "spare"]
    assert "default" not in fields["spare"].to_json()


def test_the_other_language_is_used_where_the_settings_have_it(fields):
    assert (fields["url"].title.tr, fields["url"].title.en) == ("Adres", "Address")
    assert fields["url"].description.en == "Address of the panel."
    assert fields["key"].title.en == "Anahtar"


@pytest.mark.parametrize("name", sorted(REGISTRY.manifests))
def test_every_connector_has_a_complete_form(name):
    manifest = REGISTRY.manifest(name)
    form = json.loads(json.dumps(form_json(manifest)))
    assert form["plugin"] == name and form["config_version"] == manifest.config_version
    assert [each["name"] for each in form["fields"]] == list(manifest.config.model_fields)
    for each in form["fields"]:
        assert each["type"] in TYPES
        assert all(
            each[word][language].strip() for word in ("title", "description") for language in ("tr", "en")
        )
        assert each["required"] is manifest.config.model_fields[each["name"]].is_required()
        if each["type"] == "group":
            assert each["fields"]


@pytest.mark.parametrize("point", SIMULATORS, ids=lambda point: point.name)
def test_a_form_filled_with_its_defaults_means_the_same_as_one_left_alone(point):
    manifest = REGISTRY.manifest(point.name)
    filled = {
        field.name: field.default for field in form_of(manifest) if not field.required and not field.secret
    }
    with point.load()() as simulator:
        given = simulator.config()
    assert manifest.config.model_validate({**filled, **given}) == manifest.config.model_validate(given)
