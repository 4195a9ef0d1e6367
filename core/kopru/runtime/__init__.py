"""What makes one running installation: the composition root, the private servers, the supervisor."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kopru.runtime.host import RuntimeHost


def main() -> None:
    """Run the command line. The script entry ``kopru``."""
    from kopru.cli import app  # noqa: PLC0415 - the entry stays light until a command is really run

    app(obj=_host)


def _host() -> "RuntimeHost":
    """Return the host of this process's environment, made when a command needs it."""
    from kopru.runtime.host import RuntimeHost  # noqa: PLC0415 - help must not wait for it
    from kopru.settings import Settings, SettingsError  # noqa: PLC0415 - help must not wait for it

    try:
        return RuntimeHost(Settings.from_environment())
    except SettingsError as error:
        turkish = os.environ.get("KOPRU_LANGUAGE", "").strip().lower() == "tr"
        for problem in error.problems:
            print(f"{problem.variable}: {problem.tr if turkish else problem.en}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from error
