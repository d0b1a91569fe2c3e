"""How far long work is: one bar over steps that take unlike shares of the time.

A bar that counts rows stands still while indexes are built, and nobody knows whether to wait or to stop it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Progress = Callable[[int, int], None]  # done, in all; whoever is told may stop the work by raising
SCALE = 1000


class Steps:
    """`shares`: step -> its share of the whole time, about, in any unit; in the order in which they come.

    What is told on is a part of `SCALE`: it never goes back, and never stands at the end before the last step is over.
    """

    def __init__(self, tell: Progress | None, shares: Mapping[str, float]) -> None:
        self.tell, self.shares = tell, shares
        self.whole = sum(shares.values())

    def of(self, step: str) -> Progress | None:
        """What the work of one step is given to tell its own progress to; None where nobody listens."""
        tell, before = self.tell, 0.0
        if tell is None:
            return None
        for name, share in self.shares.items():
            if name == step:
                break
            before += share
        own, whole = self.shares[step], self.whole

        def told(done: int, total: int) -> None:
            tell(round(SCALE * (before + own * min(done / max(total, 1), 1)) / whole), SCALE)

        return told

    def over(self, step: str) -> None:
        """The step is done."""
        told = self.of(step)
        if told:
            told(1, 1)
