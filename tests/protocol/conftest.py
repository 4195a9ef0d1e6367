"""The model lies in ``lib``: tests and mutants share it, and it is no test itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
