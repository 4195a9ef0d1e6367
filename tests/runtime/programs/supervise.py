"""Runs children under a supervisor: ``supervise.py FOLDER KIND:NAME …``."""

import sys
from pathlib import Path

from kopru.runtime.supervisor import Child, Supervisor

folder, grace = sys.argv[1], float(sys.argv[2])
program = str(Path(__file__).with_name("child.py"))
children = []
for item in sys.argv[3:]:
    kind, name = item.split(":")
    children.append(Child(name, (sys.executable, program, kind, folder, name)))
Supervisor(children, grace=grace).run()
