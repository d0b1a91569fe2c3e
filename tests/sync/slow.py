"""A line as they are after a disaster: few bits a second, a long way, and lost packets; inside this process."""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import suppress
from queue import SimpleQueue

SEGMENT = 1448  # what one packet carries
# A lost packet is noticed and sent again; meanwhile TCP holds back what follows, and goes on more slowly. So long
# nothing is carried here, that 2 % of loss at 300 ms come to what Mathis' formula gives for such a line (0.33 Mbit/s).
AFTER_A_LOSS = 4.0  # round trips


class SlowWire:
    """Carries bytes between a port of its own and another one: `bits` a second each way, `round_trip` seconds, `loss`."""

    def __init__(self, to: int, *, bits: float = 1e9, round_trip: float = 0.0, loss: float = 0.0) -> None:
        self.to, self.bits, self.round_trip, self.loss = to, bits, round_trip, loss
        self.carried = 0
        self.chance = random.Random(1)
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
            self.carried += len(data)
            free = max(time.monotonic(), free) + (len(data) + 40) * 8 / self.bits
            if data and self.chance.random() < self.loss:
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
