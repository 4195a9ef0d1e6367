"""Files that would fill a worker's memory, read what they should not, or lead outside, are refused in bounds.

Each is read in a process of its own that may use 300 MB more than it needs to start, and 20 seconds.
"""

import subprocess
import sys
from pathlib import Path

import pytest

READER = Path(__file__).parent / "programs" / "reader.py"

EXPECTED = {
    "xml: billion laughs": "refused xml.doctype",
    "xml: laughs in an attribute": "refused xml.doctype",
    "xml: quadratic": "refused xml.doctype",
    "xml: local file": "refused xml.doctype",
    "xml: remote file": "refused xml.doctype",
    "xml: parameter entity": "refused xml.doctype",
    "xml: hidden in utf-16": "refused xml.doctype",
    "xml: 200 MB": "refused xml.too_large",
    "xml: deep": "refused xml.malformed",
    "xml: one endless name": "refused xml.malformed",
    "xml: xinclude": "read harmless",
    "zip: bomb": "refused archive.ratio",
    "zip: bombs in bombs": "refused archive.ratio",
    "zip: overlapping": "refused archive.malformed",
    "zip: many members": "refused archive.members",
    "zip: a way out": "refused archive.name",
    "json: deep": "refused json.too_deep",
    "json: endless number": "refused json.number",
    "json: huge exponent": "refused json.number",
    "gzip: bomb": "read too large",
    "orders: a workbook that is a bomb": "refused archive.ratio",
    "orders: a workbook with laughs": "refused orderfile.file.doctype",
    "orders: deep JSON": "refused trendyol.payload.unreadable",
    "orders: endless digits": "read records with findings",
}


@pytest.fixture(scope="module")
def outcomes():
    done = subprocess.run([sys.executable, READER], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    return dict(line.split(" => ", 1) for line in done.stdout.splitlines())


@pytest.mark.skipif(sys.platform != "linux", reason="memory ceilings are those of Linux")
@pytest.mark.parametrize("case", EXPECTED)
def test_it_is_refused_in_bounds(outcomes, case):
    assert outcomes[case] == EXPECTED[case]


@pytest.mark.skipif(sys.platform != "linux", reason="memory ceilings are those of Linux")
def test_nothing_was_left_out(outcomes):
    assert set(outcomes) == set(EXPECTED)
