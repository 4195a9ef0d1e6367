"""Settings of connections as they were stored, one file for each plugin and version of its settings.

``python tests/compatibility/stored.py NAME`` writes the one of the present version. A file that is there is
never written again: installations hold such settings.
"""

import json
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from kopru.flows.forms import form_of, secret_names
from kopru.hooks.manifest import Manifest

FOLDER = Path(__file__).with_name("stored_settings")
ADDRESS = "http://127.0.0.1:8080"
SAMPLES = {"folder": "/siparisler"}
"""Settings that are required of connectors without a simulator."""


def path_of(name: str, version: int) -> Path:
    """Return the file of a plugin's settings as its version stored them."""
    return FOLDER / f"{name}-{version}.json"


def example(manifest: Manifest) -> dict[str, Any]:
    """Return settings of the present version as they would be stored: in clear, and the names of secrets."""
    given = _given(manifest)
    config = manifest.config.model_validate(given)
    secret = secret_names(manifest.config)
    plain = config.model_dump(mode="json", exclude=set(secret))
    values = {name: given[name] for name in secret if name in given}
    return {"config_version": manifest.config_version, "config": plain, "secrets": values}


def _given(manifest: Manifest) -> dict[str, Any]:
    """Return settings that fit: a simulator's, under an address that does not change, or samples."""
    found = next(iter(entry_points(group="kopru.simulators", name=manifest.name)), None)
    if found is None:
        required = {field.name for field in form_of(manifest) if field.required}
        return {name: value for name, value in SAMPLES.items() if name in required}
    with found.load()() as simulator:
        given: dict[str, Any] = simulator.config()
        return {
            name: value.replace(simulator.url, ADDRESS) if isinstance(value, str) else value
            for name, value in given.items()
        }


def main(names: list[str]) -> None:
    """Write what is missing."""
    for point in entry_points(group="kopru.plugins"):
        manifest = point.load().manifest
        path = path_of(point.name, manifest.config_version)
        if (names and point.name not in names) or path.exists():
            continue
        FOLDER.mkdir(exist_ok=True)
        text = json.dumps(example(manifest), ensure_ascii=False, indent=2)
        path.write_text(f"{text}\n", "utf-8")
        sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
