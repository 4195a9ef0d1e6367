"""A plugin whose import takes long, opens a socket and starts a thread."""

import socket
import threading
import time
from dataclasses import replace

from kopru.testing.broken.plain_format import FORMAT

time.sleep(0.3)
socket.socket().close()
threading.Thread(target=threading.Event().wait, args=(600,), daemon=True).start()


class ImportsSlowly:
    """Does nothing but being imported."""

    manifest = replace(FORMAT, name="liar", formats=())
