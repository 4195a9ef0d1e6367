"""A proxy that breaks what runs through it: refuses, cuts, swallows, delays or half-closes connections.

All proxies of a process share one event loop in a thread of its own. Bytes that are swallowed reach their
goal after all when the hole closes and both sides are still there, as lost packets do that are sent again.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_CHUNK = 65_536
_LISTENS_ON = 1.0
"""Seconds in which a request still gets through after its client was told that no more comes."""

_RESET = struct.pack("ii", 1, 0)
"""``SO_LINGER`` with no time: closing sends RST instead of FIN."""


class Mode(Enum):
    """How a proxy treats connections."""

    PASS = "pass"
    REFUSE = "refuse"
    """New connections are reset at once, those that are open are cut."""
    HOLE = "hole"
    """Nothing gets through in either direction, and nobody is told."""


class ProxyLoop:
    """The thread in which proxies run."""

    def __init__(self) -> None:
        """Start the thread."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    def soon(self, act: Callable[[], object]) -> None:
        """Do something in the loop soon."""
        self._loop.call_soon_threadsafe(act)

    def close(self) -> None:
        """End the thread; everything that is open is cut."""
        with suppress(TimeoutError):
            self.run(_cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()


class Proxy:
    """One way through: listens on a loopback port or a Unix socket and connects on to the target.

    Addresses are a port of this machine or the path of a Unix socket.
    """

    def __init__(self, loop: ProxyLoop, target: int | Path, listen: int | Path = 0) -> None:
        """Take where to connect to and where to listen; port 0 lets the kernel choose."""
        self._loop = loop
        self._target = target
        self._links: set[_Link] = set()
        self._delay = 0.0
        self.mode = Mode.PASS
        self._server = loop.run(self._listen(listen))

    @property
    def port(self) -> int:
        """Return the port in use."""
        return int(self._server.sockets[0].getsockname()[1])

    def set_mode(self, mode: Mode) -> None:
        """Treat connections otherwise from now on."""
        self._loop.soon(lambda: self._change(mode))

    def set_delay(self, seconds: float) -> None:
        """Let bytes take longer by some seconds, in order."""
        self._delay = seconds

    def cut(self) -> int:
        """Reset everything that is open; return how many connections that were."""
        links = len(self._links)
        self._loop.soon(self._cut_all)
        return links

    def half_close(self) -> int:
        """Close open connections towards the client only: what it asks still arrives, the answer does not."""
        links = len(self._links)
        self._loop.soon(self._deafen_all)
        return links

    def heal(self) -> None:
        """Let everything through again."""
        self.set_delay(0.0)
        self.set_mode(Mode.PASS)

    def close(self) -> None:
        """Stop listening and cut what is open."""
        self._loop.soon(self._server.close)
        self.cut()

    @property
    def delay(self) -> float:
        """Return the seconds bytes take longer."""
        return self._delay

    async def _listen(self, listen: int | Path) -> asyncio.Server:
        if isinstance(listen, Path):
            listen.unlink(missing_ok=True)
            return await asyncio.start_unix_server(self._accept, str(listen), limit=_CHUNK)
        return await asyncio.start_server(self._accept, "127.0.0.1", listen, limit=_CHUNK)

    def _cut_all(self) -> None:
        for link in tuple(self._links):
            link.cut()

    def _deafen_all(self) -> None:
        for link in tuple(self._links):
            link.deafen()

    def _change(self, mode: Mode) -> None:
        self.mode = mode
        for link in tuple(self._links):
            link.cut() if mode is Mode.REFUSE else link.look()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(self, reader, writer)
        if self.mode is Mode.REFUSE:
            link.cut()
            return
        self._links.add(link)
        try:
            with suppress(asyncio.CancelledError):
                await link.run(self._target)
        finally:
            self._links.discard(link)
            link.close()


class _Link:
    """One connection and its continuation."""

    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._reader, self._writer = reader, writer
        self._onward: asyncio.StreamWriter | None = None
        self._open = asyncio.Event()
        self._deaf = False
        self.look()

    def look(self) -> None:
        """Go on or stop, as the proxy's mode says."""
        (self._open.clear if self._proxy.mode is Mode.HOLE else self._open.set)()

    async def run(self, target: int | Path) -> None:
        """Carry bytes both ways until one side ends."""
        with suppress(OSError):
            if isinstance(target, Path):
                there, self._onward = await asyncio.open_unix_connection(str(target), limit=_CHUNK)
            else:
                there, self._onward = await asyncio.open_connection("127.0.0.1", target, limit=_CHUNK)
            ways = (
                asyncio.ensure_future(self._carry(self._reader, self._onward)),
                asyncio.ensure_future(self._carry(there, self._writer, answers=True)),
            )
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                if self._deaf:
                    await asyncio.sleep(_LISTENS_ON)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(
        self, source: asyncio.StreamReader, goal: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        while data := await source.read(_CHUNK):
            if self._proxy.delay:
                await asyncio.sleep(self._proxy.delay)
            if not self._open.is_set() and not await self._wait_out_hole():
                return
            if answers and self._deaf:
                continue
            goal.write(data)
            await goal.drain()

    async def _wait_out_hole(self) -> bool:
        """Return once the hole is closed: whether the client is still there."""
        await self._open.wait()
        return not (self._reader.at_eof() or self._writer.is_closing())

    def deafen(self) -> None:
        """Tell the client that no more comes, and let go on what it asks."""
        self._deaf = True
        with suppress(OSError, RuntimeError):
            self._writer.write_eof()

    def cut(self) -> None:
        """Reset both sides."""
        for writer in (self._writer, self._onward):
            if writer is not None:
                _reset(writer)

    def close(self) -> None:
        """Close both sides."""
        for writer in (self._writer, self._onward):
            if writer is not None:
                writer.close()


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.family != socket.AF_UNIX:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
