"""Templates are filled, never run: a company's own are limited to known places, a remote's words are values."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.documents import EXAMPLE_TENANT, load_tenant
from kopru.hooks.errors import Rejected
from kopru.model import Catalogue, Text

PROBES = [
    "{0.__class__}",
    "{ettn.__class__}",
    "{ettn.__class__.__init__.__globals__[os].environ}",
    "{ettn!r}",
    "{ettn:>9999999999}",
    "{ettn:{number}}",
    "{number[0]}",
    "{channel.__class__}",
    "{}",
    "{unknown}",
    "{",
    "}",
]
GOOD = {
    "link": "https://satici.example/{ettn}?{number}&{order}",
    "retail_name": "Perakende {channel}",
    "retail_code": "120.{channel}",
    "person_code": "120.P.{hash}",
    "company_code": "120.{tax_number}",
}


def tenant(name, template):
    """A tenant file with one of its templates replaced."""
    line = f"{name} = '{template}'"
    if name == "link":
        return EXAMPLE_TENANT.replace("[invoice]\n", f"[invoice]\n{line}\n")
    return re.sub(rf"^{name} = .*$", lambda _: line, EXAMPLE_TENANT, flags=re.MULTILINE)


@pytest.mark.parametrize("name", GOOD)
def test_a_template_of_known_places_is_taken(name):
    text = tenant(name, GOOD[name])
    assert GOOD[name] in text
    load_tenant(text)


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("name", GOOD)
def test_a_template_that_looks_around_is_refused(name, probe):
    with pytest.raises(Rejected) as refused:
        load_tenant(tenant(name, GOOD[name] + probe))
    assert [each.code for each in refused.value.findings] == ["tenant.template.field"]


words = st.one_of(st.sampled_from(PROBES), st.text(max_size=40))


@given(words, words)
def test_what_is_filled_in_stands_there_as_it_was(first, second):
    message = Catalogue({"a.b": ("Önce {first}, sonra {second}.", "First {first}, then {second}.")})
    filled = message.text("a.b", first=first, second=second)
    assert filled == Text(tr=f"Önce {first}, sonra {second}.", en=f"First {first}, then {second}.")
