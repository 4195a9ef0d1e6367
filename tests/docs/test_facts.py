"""What the guides say of states, settings, exit codes and rules is what the code says."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from kopru.cli.jobs import JobState
from kopru.cli.output import Exit
from kopru.documents import EXAMPLE_TENANT, Change, DocumentFacts, TenantSettings, load_tenant, plan_change
from kopru.documents.changes import ANSWER_DAYS, CANCEL_DAYS, DocumentState, EffectState
from kopru.documents.rules import Stage, When
from kopru.documents.toml_writer import write_toml
from kopru.flows import records
from kopru.flows.answers import Answer
from kopru.hooks import errors
from kopru.hooks.types import RemoteState
from kopru.jobs.policy import MAX_TRIES
from kopru.model import OrderStatus, PaymentMethod, Profile
from kopru.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
OPERATOR = "docs/operator-guide.md"
VARIABLE = re.compile(r"\bKOPRU_[A-Z_]*[A-Z]\b")


def section(page, title):
    """Return the text below a heading, up to the next of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,6}} |\Z)", page.text, re.M | re.S)
    assert found, f"{page.name} has no section {title}"
    level = len(found[1])
    rest = page.text[found.start(2) :]
    end = re.search(rf"^#{{1,{level}}} ", rest, re.M)
    return rest[: end.start()] if end else rest


def first_cells(text):
    """Return the code words in the first column of the tables of a text."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize(
    "title, states",
    [
        ("Orders", records.OrderState),
        ("Documents", (*records.DocumentState, *RemoteState)),
        ("Writes", records.EffectState),
        ("Connections", records.ConnectionState),
    ],
)
def test_every_state_is_explained(page, title, states):
    explained = first_cells(section(page(OPERATOR), title))
    assert sorted(explained) == sorted(state.value for state in states)


def test_every_job_state_is_explained(page):
    explained = first_cells(section(page(OPERATOR), "Jobs"))
    assert sorted(explained) == sorted(state.value for state in JobState)


def test_every_stage_is_explained(page):
    assert first_cells(section(page(OPERATOR), "Stages: automatic or by hand")) == [
        stage.value for stage in Stage
    ]


def test_every_condition_of_the_decision_table_is_explained(page):
    explained = first_cells(section(page(OPERATOR), "The decision table"))
    assert set(explained) == set(When.model_fields)


def test_values_of_conditions_exist(page):
    rows = section(page(OPERATOR), "The decision table").splitlines()
    status = next(row for row in rows if row.startswith("| `status`"))
    payment = next(row for row in rows if row.startswith("| `payment`"))
    decided_before = {OrderStatus.CANCELLED, OrderStatus.REPLACED}
    assert set(re.findall(r"`(\w+)`", status)) - {"status"} == {
        each.value for each in set(OrderStatus) - decided_before
    }
    assert set(re.findall(r"`(\w+)`", payment)) - {"payment"} == {each.value for each in PaymentMethod}


def test_exit_codes(page):
    rows = re.findall(r"^\| (\d) \| ([\w ]+) \|", section(page(OPERATOR), "Exit codes"), re.M)
    assert {int(code): name.replace(" ", "_").upper() for code, name in rows} == {
        each.value: each.name for each in Exit
    }


def test_answers_of_a_person(page):
    text = section(page(OPERATOR), "Uncertain writes")
    assert [each.value for each in Answer if f"--there {each.value}" not in text] == []


def is_setting(variable):
    """Whether the settings know a variable: setting it is no typing mistake."""
    try:
        settings = Settings.from_environment({"HOME": "/", variable: "0"})
    except SettingsError:
        return True
    return variable not in settings.unknown


def test_every_variable_mentioned_exists(guides):
    wrong = {name for each in guides for name in VARIABLE.findall(each.text) if not is_setting(name)}
    assert wrong == set()
    assert not is_setting("KOPRU_WORKER")


def test_every_variable_is_explained(page):
    from kopru import settings

    known = {
        name for name in VARIABLE.findall(Path(settings.__file__).read_text("utf-8")) if is_setting(name)
    }
    explained = set(first_cells(section(page(OPERATOR), "Environment variables")))
    assert {name for name in known if name not in explained} - {"KOPRU_LIFELINE_FD"} == set()


def test_defaults_of_variables(page):
    rows = re.findall(
        r"^\| `(KOPRU_\w+)` \| `?([\w.]+)`? \|", section(page(OPERATOR), "Environment variables"), re.M
    )
    stated = {name.removeprefix("KOPRU_").lower(): value for name, value in rows}
    fields = Settings.model_fields
    assert stated == {name: str(fields[name].default) for name in stated}
    assert {"workers", "threads", "web_host", "web_port", "log_level"} <= stated.keys()


def test_the_table_of_changes_has_the_days_of_the_code(page):
    text = section(page(OPERATOR), "Changes and cancellations")
    assert f"up to {CANCEL_DAYS} days old" in text
    assert f"answer still open ({ANSWER_DAYS} days)" in text


ROWS = {
    "no document, or void": DocumentFacts(DocumentState.NONE),
    "a write is open": DocumentFacts(DocumentState.NUMBERED, submit=EffectState.UNCERTAIN),
    "no number yet": DocumentFacts(DocumentState.DRAFT),
    "numbered, not sent": DocumentFacts(DocumentState.NUMBERED),
    "refused by the integrator": DocumentFacts(DocumentState.NUMBERED, submit=EffectState.REJECTED),
    "failed at GİB": DocumentFacts(
        DocumentState.ISSUED, submit=EffectState.ACCEPTED, remote=RemoteState.FAILED
    ),
    "refused by the buyer, or cancelled on the other side": DocumentFacts(
        DocumentState.ISSUED, submit=EffectState.ACCEPTED, remote=RemoteState.REFUSED
    ),
    "e-Arşiv accepted, up to 8 days old": DocumentFacts(DocumentState.ISSUED, submit=EffectState.ACCEPTED),
    "e-Arşiv accepted, older": DocumentFacts(
        DocumentState.ISSUED, submit=EffectState.ACCEPTED, cancellable=False
    ),
    "e-Fatura TİCARİ, answer still open (8 days)": DocumentFacts(
        DocumentState.ISSUED, Profile.COMMERCIAL, submit=EffectState.ACCEPTED
    ),
    "e-Fatura TİCARİ, accepted or too late": DocumentFacts(
        DocumentState.ISSUED, Profile.COMMERCIAL, submit=EffectState.ACCEPTED, answer_open=False
    ),
    "e-Fatura TEMEL accepted": DocumentFacts(
        DocumentState.ISSUED, Profile.BASIC, submit=EffectState.ACCEPTED
    ),
}
COLUMNS = (Change.CANCELLED, Change.EXTENDED, Change.BUYER, Change.REDUCED)
WORDS = {
    (): "nothing",
    ("replan",): "anew",
    ("drop",): "dropped",
    ("wait",): "waits",
    ("void",): "void",
    ("void", "replan"): "void, new document",
    ("correct",): "corrected",
    ("cancel_at_channel",): "cancelled",
    ("cancel_at_channel", "replan"): "cancelled, new document",
    ("return_whole",): "return document for all",
    ("return_whole", "replan"): "return document, new document",
    ("return_difference",): "return document for the difference",
    ("await_answer",): "ask the buyer to refuse",
    ("task",): ("legal ways", "the buyer issues a return"),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_table_of_changes_says_what_is_planned(page, row):
    lines = section(page(OPERATOR), "Changes and cancellations").splitlines()
    cells = [
        cell.strip() for cell in next(line for line in lines if line.startswith(f"| {row} |")).split("|")[2:6]
    ]
    told = ""
    for cell, change in zip(cells, COLUMNS, strict=True):
        told = told if cell == "the same" else cell
        steps = tuple(step.value for step in plan_change(change, ROWS[row]).steps)
        words = WORDS[steps]
        assert any(each in told for each in ([words] if isinstance(words, str) else words)), (
            change,
            steps,
            told,
        )


def test_the_table_of_changes_has_no_other_row(page):
    lines = section(page(OPERATOR), "Changes and cancellations").splitlines()
    rows = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    assert rows[2:] == list(ROWS)


def test_every_error_class_has_its_consequence(page):
    text = section(page("docs/integrator-guide.md"), "Errors and what each one makes the engine do")
    classes = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type)
        and issubclass(value, errors.ConnectorError)
        and value is not errors.ConnectorError
    ]
    assert [name for name in classes if name not in text] == []
    assert f"yes, {MAX_TRIES}" in text


@pytest.mark.parametrize("number", range(9))
def test_toml_of_the_guides_is_a_valid_tenant_file(guides, number):
    """Each example, laid over the example company, is accepted as it stands."""
    blocks = [
        block.code
        for page in guides
        for block in page.blocks("toml")
        if not block.before.startswith("**`") and "[build-system]" not in block.code
    ]
    assert len(blocks) == 9, "set the range above to the number of examples"
    example, own = (tomllib.loads(text, parse_float=Decimal) for text in (EXAMPLE_TENANT, blocks[number]))
    load_tenant(write_toml(example | own))


def families():
    """Return the first words of every code the core can tell an operator."""
    found = set()
    for path in (ROOT / "core" / "kopru").rglob("*.py"):
        if {"migrations", "testing"} & set(path.parts):
            continue
        text = path.read_text("utf-8")
        found |= set(re.findall(r'^\s+"([a-z_]+)\.[a-z_.]+": \($', text, re.M))
        raised = r"(?:ConfigError|Rejected|Unsupported|Conflict|TransientError|AuthError|RateLimited|Reason)"
        found |= set(re.findall(raised + r'\(\s*"([a-z_]+)\.[a-z_.]+"', text))
    return found


def test_every_family_of_codes_is_explained(page):
    explained = set(first_cells(section(page(OPERATOR), "Errors and their fixes")))
    assert families() >= {"tenant", "http", "runtime", "effect"}
    assert sorted(name for name in families() if f"{name}." not in explained) == []


def test_every_plugin_has_its_family(page):
    explained = set(first_cells(section(page(OPERATOR), "Errors and their fixes")))
    names = {path.name for path in ROOT.glob("plugins/*/*") if (path / "pyproject.toml").exists()}
    assert {name for name in names if f"{name}." not in explained} == set()


def test_layers_are_those_the_linter_enforces(page):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    blocks = [block.code for block in page("docs/architecture.md").blocks("text")]
    assert "\n".join(layers) + "\n" in blocks


def test_every_module_is_in_the_table(page):
    text = section(page("docs/architecture.md"), "Modules and the direction of imports")
    modules = {
        path.stem
        for path in (ROOT / "core" / "kopru").iterdir()
        if not path.name.startswith(("_", "py.typed"))
    }
    assert {name for name in modules if name not in first_cells(text)} == set()


def test_files_named_in_the_architecture_exist(page):
    named = re.findall(
        r"`([a-z_/]+(?:\.py|/))`", section(page("docs/architecture.md"), "Where to change what")
    )
    assert named
    assert [name for name in named if not (ROOT / "core" / "kopru" / name).exists()] == []


def is_setting_path(path):
    """Whether a dotted path names a setting of the tenant file."""
    model = TenantSettings
    for name in path.split("."):
        fields = getattr(model, "model_fields", {})
        if name not in fields:
            return False
        model = fields[name].annotation
    return True


def test_dotted_codes_of_the_operator_guide_exist(page):
    dotted = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
    files = re.compile(r".*\.(?:py|key|log|toml|csv|location|md)")
    named = {
        code for code in page(OPERATOR).inline_code() if dotted.fullmatch(code) and not files.fullmatch(code)
    }
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "core" / "kopru").rglob("*.py"))
    unknown = [code for code in sorted(named) if f'"{code.replace("matching.", "match.")}"' not in source]
    assert len(named) > 15
    assert [code for code in unknown if not is_setting_path(code)] == []
