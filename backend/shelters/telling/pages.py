"""What a page says after something was told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest


def confirm(request: HttpRequest, done: tuple[int, int], name: str = "") -> None:
    """`done`: of how many people it was written, and how many of them left a shelter by it."""
    people, left = done
    messages.success(request, f"{f'{name}さん' if name else f'{people}名'}について記録しました。")
    if left:
        who = f"うち{left}名は" if people > 1 else ""
        messages.warning(request, f"{who}避難所の名簿にいたので、退所も記録しました。")
