"""Somebody else's connector: started from the scaffold, built and installed as a wheel, and an order through it.

Nothing here runs from this checkout: Köprü, its plugins and the new one are wheels in an environment of their own,
third-party libraries come from the wheelhouse that the test command fills, and pip is told no other place. It is the
most expensive test of all: about 25 s on two idle processors, half of it spent unpacking libraries.
"""

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
WHEELHOUSE = Path(sys.prefix) / "wheelhouse"
PLUGINS = ("accounting/logo", "einvoice/nilvera", "einvoice/ubltr")

pytestmark = pytest.mark.skipif(
    not (WHEELHOUSE / "filled").exists(), reason="needs the libraries that ./run test fetches"
)


def run(*command, **options):
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=300, check=False, **options
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def pip(*arguments):
    """Run pip with no settings but those on its command line."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    run(sys.executable, "-m", "pip", *arguments, env=environment)


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    """A connector for a made-up shop: the scaffold, with the modules that an author writes."""
    folder = tmp_path_factory.mktemp("author") / "kopru-tezgah"
    hooks = "fetch_orders,fetch_order,parse_orders,update_order_status"
    kopru = Path(sys.executable).with_name("kopru")
    new = (kopru, "plugin", "new", "--kind", "shop", "--name", "tezgah", "--capabilities", hooks)
    run(*new, "--transport", "http", "--folder", folder)
    for file in (HERE / "shop").glob("*.py"):
        shutil.copy(file, folder / "src" / "kopru_tezgah")
    return folder


@pytest.fixture(scope="module")
def environment(plugin, tmp_path_factory):
    """A fresh environment that holds wheels alone; returns the folder of its programs."""
    folder = tmp_path_factory.mktemp("environment")
    projects = [ROOT, plugin, *(ROOT / "plugins" / each for each in PLUGINS)]
    pip("wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder / "built", *projects)
    venv.create(folder / "venv", symlinks=True)
    bin = folder / "venv" / "bin"
    offline = ("--no-index", "--find-links", WHEELHOUSE, "--no-compile")
    pip("--python", bin / "python", "install", "-q", *offline, *(folder / "built").glob("*.whl"))
    return bin


def test_an_order_goes_through_a_strangers_wheel_for_the_one_company_that_enabled_it(environment, home):
    told = run(
        environment / "python",
        "-P",
        HERE / "programs" / "story.py",
        home,
        cwd=home.parent,
        env={"LANG": "C.UTF-8"},
    )
    found = json.loads(told.splitlines()[-1])
    assert Path(found["kopru"]).is_relative_to(environment.parent)
    assert found["schema"][0] == found["schema"][1] is not None
    assert found["skipped"] == []
    assert found["state"] == {"done": 1}
    assert (found["invoices"], found["bookings"], found["links"]) == (1, 1, [found["order"]])
    assert found["other"] == "plugin.not_enabled"
    assert found["bugs"] == []
