"""Where this laptop is reached in the networks it is in; they change when the router is restarted."""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys
import threading
from dataclasses import dataclass, field

# Asked for their way only; nothing is sent. One of each kind of private network, and one of the world.
_FAR = ("10.255.255.254", "172.31.255.254", "192.168.255.254", "203.0.113.1")
_GET_ADDRESS = 0x8915  # Linux: SIOCGIFADDR


@dataclass(frozen=True)
class Address:
    """One IPv4 address, and the name of its interface where the system tells it."""

    ip: str
    interface: str = ""


def mine() -> list[Address]:
    """Every address but the laptop's own loop; those without a router (169.254.…) last."""
    found = {address.ip: address for address in [*_of_interfaces(), *_of_name(), *_of_ways()]}
    usable = [address for ip, address in found.items() if not ipaddress.ip_address(ip).is_loopback]
    return sorted(usable, key=lambda a: (a.ip.startswith("169.254."), a.interface, ipaddress.ip_address(a.ip)))


def _of_interfaces() -> list[Address]:
    if not sys.platform.startswith("linux"):
        return []
    import fcntl

    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(any_socket.fileno(), _GET_ADDRESS, struct.pack("256s", name.encode()[:15]))
            except OSError:  # it has no address
                continue
            found.append(Address(socket.inet_ntoa(answer[20:24]), name))
    return found


def _of_name() -> list[Address]:
    """Windows names all of them."""
    if sys.platform.startswith("linux"):
        return []
    try:
        rows = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:
        return []
    return [Address(str(row[4][0])) for row in rows]


def _of_ways() -> list[Address]:
    if sys.platform.startswith("linux"):
        return []
    found = []
    for far in _FAR:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            try:
                any_socket.connect((far, 9))
            except OSError:
                continue
            found.append(Address(str(any_socket.getsockname()[0])))
    return found


def follow(wanted: Address | None, there: list[Address]) -> Address | None:
    """The address to use now: the one of before, or what its interface or network has become; at first the only one.

    None: somebody must choose. Never another network instead: it may be the one to the town hall.
    """
    if wanted is not None:
        if ipaddress.ip_address(wanted.ip).is_loopback:
            return wanted  # said on the command line: for trying out
        for same in (
            lambda a: a.ip == wanted.ip,
            lambda a: bool(a.interface) and a.interface == wanted.interface,
            lambda a: a.ip.rsplit(".", 1)[0] == wanted.ip.rsplit(".", 1)[0],
        ):
            found = [address for address in there if same(address)]
            if len(found) == 1:
                return found[0]
        return None
    return there[0] if len(there) == 1 else None


@dataclass
class Choice:
    """Which network the devices are in, as somebody chose it; looked at again and again."""

    wanted: Address | None = None
    now: Address | None = None
    there: list[Address] = field(default_factory=list)
    changed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> str:
        """The address to use now, or nothing."""
        with self.lock:
            self.there = mine()
            found = follow(self.wanted or self.now, self.there)
            if found and self.now and found.ip != self.now.ip:
                self.changed = True
            if found:
                self.now = found
                if self.wanted:
                    self.wanted = found
            return found.ip if found else ""

    def choose(self, ip: str) -> bool:
        """Take this one from now on; False when the laptop has no such address (any more)."""
        with self.lock:
            given = next((address for address in mine() if address.ip == ip), None)
            if given is None:
                try:
                    if not ipaddress.IPv4Address(ip).is_loopback:
                        return False
                except ValueError:
                    return False
                given = Address(ip)
            self.wanted, self.now, self.changed = given, given, False
        return True


choice = Choice()
