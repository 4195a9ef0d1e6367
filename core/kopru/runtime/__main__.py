"""Runs one role of an installation: ``python -m kopru.runtime worker``."""

import sys

from kopru.runtime.processes import ROLES, run
from kopru.settings import Settings

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        raise SystemExit(f"usage: python -m kopru.runtime {{{'|'.join(ROLES)}}}")
    run(sys.argv[1], Settings.from_environment())
