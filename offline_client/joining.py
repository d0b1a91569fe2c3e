"""Becoming a shelter's laptop: an own secret and chain, taken up by headquarters with the administrator's token."""

from __future__ import annotations

import secrets

from django.core.management import call_command

from backend.core import clock
from backend.core.errors import Refused
from backend.journal.services import own_device

from . import home, sync
from .line import Http, talk
from .models import State


def join(url: str, token: str) -> State:
    """Join, and take the pack and the shelter's entries. Cut off anywhere, the same again goes on.

    A laptop that has joined before keeps what it has: it becomes another terminal, and offers all of it again.
    """
    call_command("migrate", verbosity=0, interactive=False)
    url = url.rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise Refused("つなぐ先は https:// で始まる住所です。")
    own = own_device()
    kept, _ = State.objects.get_or_create(pk=1, defaults={"url": url, "secret": secrets.token_urlsafe(32)})
    answer = _ask(url, token, kept.secret, str(own.pk))
    if kept.municipality and kept.municipality != answer["municipality"]:
        raise Refused(
            "この端末には、ほかの市区町村の記録があります。別のフォルダー（TASUKI_SHELTER_HOME）で登録してください。"
        )
    kept.url, kept.terminal, kept.name = url, answer["terminal"], answer["name"]
    kept.facility, kept.municipality = answer["facility"], answer["municipality"]
    kept.packed_at, kept.revoked = None, False
    kept.save()
    own.name = kept.name
    own.save(update_fields=["name"])
    home.update(
        municipality=answer["municipality"],
        municipality_name=answer["municipality_name"],
        name=kept.name,
        joined_at=clock.now().isoformat(),
    )
    return kept


def _ask(url: str, token: str, secret: str, device: str) -> dict[str, str]:
    line = Http(url, f"Enrolment {token}")
    try:
        said = {"device": device, "secret": secret, "version": sync.VERSION}
        return talk(line, "join", said).head
    finally:
        line.close()
