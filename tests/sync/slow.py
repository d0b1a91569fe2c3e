"""A line as they are after a disaster: few bits a second, a long way, and lost packets; inside this process.

What is carried arrives in the end, as over TCP: a lost packet costs time, not bytes. Each packet of `SEGMENT` bytes and
its `HEADER` takes its bits at the line's speed, each way on its own, then half a round trip. One packet in 1/`loss` is
lost: it is carried a second time, and for `AFTER_A_LOSS` round trips nothing behind it goes on, since TCP holds back what
follows until the lost one is there, and sends half as much at a time afterwards. That pause is so long that the line
comes to what Mathis' formula gives, SEGMENT / round trip * 1.22 / sqrt(loss): 0.33 Mbit/s of 1 Mbit/s at 300 ms and 2 %.
At that loss TCP has 8 or 9 packets on the way; it begins with 10, so that a beginning costs nothing more. A short
question pays for its lost packet as a timer would (1.2 s at 300 ms). Opening a connection takes one round trip.

Not in it: TLS (two round trips and about 5 kB a connection; an exchange has one), packets that only confirm, and losses
in bursts.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import suppress
from queue import SimpleQueue

SEGMENT = 1448  # what one packet carries
HEADER = 52  # of IP and of TCP with its time stamps
AFTER_A_LOSS = 4.0  # round trips


class SlowWire:
    """Carries bytes between a port of its own and another one: `bits` a second each way, `round_trip` seconds, `loss`.

    `carried`: bytes on the wire, both ways, with the packets' headers and what was sent again; `lost` packets.
    """

    def __init__(self, to: int, *, bits: float = 1e9, round_trip: float = 0.0, loss: float = 0.0) -> None:
        self.to, self.bits, self.round_trip, self.loss = to, bits, round_trip, loss
        self.carried = self.lost = 0
        self.chance, self.counting = random.Random(1), threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.server.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.server.close()

    def _serve(self) -> None:
        while True:
            try:
                here, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(here,), daemon=True).start()

    def _connect(self, here: socket.socket) -> None:
        time.sleep(self.round_trip)  # TCP's own greeting
        there = socket.create_connection(("127.0.0.1", self.to))
        for one, other in ((here, there), (there, here)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            queue: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
            threading.Thread(target=self._take, args=(one, queue), daemon=True).start()
            threading.Thread(target=self._give, args=(other, queue), daemon=True).start()

    def _take(self, one: socket.socket, queue: SimpleQueue[tuple[float, bytes]]) -> None:
        free = 0.0
        data = b"x"
        while data:
            try:
                data = one.recv(SEGMENT)
            except OSError:
                data = b""
            packet = len(data) + HEADER
            lost = bool(data) and self.chance.random() < self.loss
            with self.counting:
                self.carried += packet * (1 + lost)
                self.lost += lost
            free = max(time.monotonic(), free) + packet * 8 / self.bits
            if lost:
                free += AFTER_A_LOSS * self.round_trip
            queue.put((free + self.round_trip / 2, data))

    @staticmethod
    def _give(other: socket.socket, queue: SimpleQueue[tuple[float, bytes]]) -> None:
        with suppress(OSError):
            while True:
                at, data = queue.get()
                time.sleep(max(0.0, at - time.monotonic()))
                if not data:
                    break
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)
