"""How a child notices that its supervisor is gone.

The supervisor keeps the writing end of a pipe and never writes; each child inherits the reading end.
Whatever ends the supervisor, ``kill -9`` included, closes the pipe, and the children end too.
"""

import os
import threading
from collections.abc import Callable

VARIABLE = "KOPRU_LIFELINE_FD"
"""Names the inherited reading end."""

LOST = 70
"""Exit code of a process whose lifeline was lost."""


def hold(on_lost: Callable[[], None] | None = None, *, grace: float = 1.0) -> bool:
    """End this process when its supervisor is gone; return whether it has a supervisor.

    ``on_lost`` is called first, in a thread, and may begin to hand back work; ``grace`` seconds later at the
    latest the process ends without further ado. Without ``on_lost`` it ends at once.
    """
    number = os.environ.pop(VARIABLE, "")
    if not number:
        return False
    descriptor = int(number)
    os.set_inheritable(descriptor, False)
    threading.Thread(target=_watch, args=(descriptor, on_lost, grace), name="lifeline", daemon=True).start()
    return True


def _watch(descriptor: int, on_lost: Callable[[], None] | None, grace: float) -> None:
    while os.read(descriptor, 1):
        pass
    if on_lost is not None:
        timer = threading.Timer(grace, os._exit, (LOST,))
        timer.daemon = True
        timer.start()
        on_lost()
        timer.join()
    os._exit(LOST)
