"""Gathering what the rooms offer, inside. Rooms are asked through a plain attribute and never imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from backend.core.clock import now

from . import rules


def collect() -> tuple[bytes, rules.Parsed]:
    """A new bundle: its bytes and what is in it. Raises BundleError if a room offers what may not go out."""
    parts: dict[str, Iterable[Mapping[str, str]]] = {}
    for config in apps.get_app_configs():
        for name, source in getattr(config, "gateway_offers", {}).items():
            if name in parts:
                raise rules.BundleError(f"同じ部分を2つの部屋が出しています（{name}）。")
            parts[name] = list(import_string(source)())
    data, _ = rules.write(parts, made_at=now(), municipality=settings.MUNICIPALITY_CODE)
    return data, rules.read(data)
