"""The address that the service listens on."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import StartupError

Address = tuple[str, int, *tuple[int, ...]]
"""Host and port, and for IPv6 two more numbers."""


@contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets bound to every address of ``host``; port 0 is any free one, the same for all.

    Raises:
        StartupError: the port is taken or not ours to use, or ``host`` is no address of ours.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address, scope in _addresses(host):
            chosen = port or (port_of(sockets) if sockets else 0)
            opened = _bound(family, (address, chosen, *scope))
            if opened is not None:
                sockets.append(opened)
        if not sockets:
            raise StartupError(f"HOST={host} is no address of this machine: set HOST=localhost.")
        yield sockets
    finally:
        for opened in sockets:
            opened.close()


def port_of(sockets: list[socket.socket]) -> int:
    """The port they share."""
    port: int = sockets[0].getsockname()[1]
    return port


def port_advice(port: int, error: OSError) -> str:
    """Why we cannot listen on ``port``, and what to do."""
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return (
            f"Port {port} is taken by another program: set PORT to another, "
            f"for example PORT={other} make run"
        )
    return f"Port {port} cannot be used ({error.strerror}): set PORT to another, above 1023."


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str, tuple[int, ...]]]:
    """What ``host`` stands for, IPv4 first; the last part is what IPv6 adds to an address."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise StartupError(f"HOST={host} is no address: set HOST=localhost.") from error
    return sorted({(family, str(there[0]), there[2:]) for family, _, _, _, there in found})


def _bound(family: socket.AddressFamily, address: Address) -> socket.socket | None:
    """A socket at ``address``, or nothing where the machine does not have it (IPv6, often)."""
    try:
        # asyncio turns Nagle's algorithm off only where the protocol is named; left on, it costs
        # every answer 40 ms.
        opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError:
        return None
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        opened.bind(address)
    except OSError as error:
        opened.close()
        if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            return None
        raise StartupError(port_advice(address[1], error)) from error
    return opened
