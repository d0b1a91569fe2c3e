"""The line to headquarters: one question, one answer, or why there is none. Nothing here knows what is said."""

from __future__ import annotations

import http.client
import json
import random
import socket
import ssl
import time
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from backend.journal import bodies

from .errors import NoLine, TooMuch, TurnedAway

__all__ = ["Http", "Line", "NoLine", "TooMuch", "TurnedAway", "talk"]
TIMEOUT = 30
TRIES_WHEN_BUSY = 200


class Line(Protocol):
    def ask(self, what: str, body: bytes) -> bytes:
        """Ask, and return the body of the answer; `NoLine`, `TooMuch` or `TurnedAway`."""


class Http:
    """One connection that is kept for an exchange."""

    def __init__(self, url: str, authorization: str) -> None:
        parts = urlsplit(url)
        self.secure, self.host = parts.scheme == "https", parts.hostname or ""
        self.port, self.path = parts.port, parts.path.rstrip("/")
        self.authorization = authorization
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, what: str, body: bytes) -> bytes:
        for _ in range(TRIES_WHEN_BUSY):
            status, data, kind = self._once(what, body)
            if status == 200:
                if kind != "application/gzip":
                    raise NoLine("本部ではないところが答えました（Wi-Fi の案内画面などです）。")
                return data
            if status == 503 and kind == "application/gzip":
                time.sleep(_again(data))
                continue
            if status == 413:
                raise TooMuch
            raise _refusal(status, data, kind)
        raise NoLine("本部が混み合っています。")

    def _once(self, what: str, body: bytes) -> tuple[int, bytes, str]:
        headers = {"Authorization": self.authorization, "Content-Type": "application/gzip"}
        try:
            if self.connection is None:
                self.connection = self._connected()
            self.connection.request("POST", f"{self.path}/api/v1/journal/{what}/", body, headers)
            answer = self.connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NoLine(f"本部につながりません（{_why(error)}）。") from error
        return answer.status, data, (answer.headers.get("Content-Type") or "").split(";")[0]

    def _connected(self) -> http.client.HTTPConnection:
        if self.secure:
            return http.client.HTTPSConnection(
                self.host, self.port, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def _again(data: bytes) -> float:
    try:
        said = min(float(bodies.unpack(data, "busy").head["again"]), 5.0)
        return said * random.uniform(0.7, 1.3)  # noqa: S311 - so that those who wait do not come all at once
    except (bodies.Unusable, KeyError, TypeError, ValueError):
        return 1.0


def _why(error: Exception) -> str:
    """What somebody in a gymnasium can look after."""
    if isinstance(error, ssl.SSLError):
        return "本部の証明書を確かめられません。端末の日付と、つなぐ先の住所を確かめてください"
    if isinstance(error, socket.gaierror):
        return "つなぐ先が見つかりません。回線や Wi-Fi を確かめてください"
    if isinstance(error, TimeoutError):
        return "時間がたっても答えがありません"
    if isinstance(error, ConnectionRefusedError):
        return "本部の機械が動いていません"
    return "途中で切れました"


def _refusal(status: int, data: bytes, kind: str) -> Exception:
    """Only what is written as our errors are is headquarters' word; anything else is somebody in between."""
    if kind == "application/json":
        try:
            return TurnedAway(str(json.loads(data)["error"]["message"]))
        except (ValueError, KeyError, TypeError):
            pass
    return NoLine(f"本部につながりません（応答 {status}）。")


def talk(line: Line, what: str, head: dict[str, Any], lines: list[bytes] | None = None) -> bodies.Body:
    """Ask, and believe only the answer to this very question."""
    nonce = str(uuid4())
    try:
        answer = bodies.unpack(line.ask(what, bodies.pack(what, {"nonce": nonce, **head}, lines)), f"{what}.answer")
    except bodies.Unusable as error:
        raise NoLine("本部の答えが途中で切れたか、本部ではないところが答えました。") from error
    if answer.head.get("to") != nonce:
        raise NoLine("別の質問への答えが届きました。")
    return answer
