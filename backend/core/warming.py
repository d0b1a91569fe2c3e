"""What pages need is loaded when the server starts, not while the first person at each of its processes waits for it."""

from __future__ import annotations

import gc
from pathlib import Path

from django import forms
from django.conf import settings
from django.db import connections
from django.forms.renderers import get_default_renderer
from django.template.loader import get_template
from django.urls import URLResolver, get_resolver
from django.utils.module_loading import import_string

_WIDGETS = Path(forms.__file__).parent / "templates"


def load_addresses(resolver: URLResolver | None = None) -> None:
    """All addresses, and with them the views and what these import."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            load_addresses(entry)


def load_templates() -> None:
    """All templates, parsed, and what they are all given; a broken one stops the start.

    Of a process that has every room: outside not all tags are known.
    """
    for name in settings.TEMPLATES[0]["OPTIONS"]["context_processors"]:
        import_string(name)
    ours = [Path(folder) for folder in settings.TEMPLATES[0]["DIRS"]]
    for get, folders in ((get_template, ours), (get_default_renderer().get_template, [_WIDGETS])):
        for folder in folders:
            for path in sorted(folder.rglob("*.html")):
                get(path.relative_to(folder).as_posix())


def settle() -> None:
    """What was loaded stays: the collector of garbage need not look through it again and again, and processes that are
    forked from this one go on sharing it. Its connections they must not share."""
    connections.close_all()
    gc.collect()
    gc.freeze()
