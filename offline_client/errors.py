"""Why an exchange ended early."""

from __future__ import annotations


class NoLine(Exception):
    """Nobody answered, or somebody else did (the page of a Wi-Fi), or in between it was cut. Safe to try again."""


class TooMuch(Exception):
    """The question is too long for whatever stands in between."""


class TurnedAway(Exception):
    """Headquarters answered, and says no; the message is for people."""


class Stopped(Exception):
    """The exchange can't go on, and trying again does not help; the message says what does."""
