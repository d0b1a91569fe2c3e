"""Telling others that what this room lets out is not the same any more."""

from __future__ import annotations

from django.apps import apps
from django.utils.module_loading import import_string


def tell_offers_changed() -> None:
    """Calls what other rooms left as `offers_changed` on their AppConfig: what we let out is not the same any more."""
    for config in apps.get_app_configs():
        hook = getattr(config, "offers_changed", None)
        if hook:
            import_string(hook)()
