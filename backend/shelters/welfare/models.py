"""What entries about welfare shelters left behind: told places, requests, answers, transport, and what was cancelled."""

from __future__ import annotations

from django.db import models

from backend.facilities.models import Projection


class WelfarePlaces(Projection):
    """How many people a welfare shelter takes in all, as told; the latest holds."""

    facility = models.UUIDField(db_index=True)
    places = models.PositiveIntegerField("受入人数")
    told_by = models.CharField("だれから聞いたか", max_length=60, blank=True)
    note = models.CharField("覚え書き", max_length=200, blank=True, help_text="what they can and cannot do")


class WelfareRequest(Projection):
    """Somebody needs a place: who, which needs, from where, with how many who care for them."""

    request = models.UUIDField(unique=True)
    evacuee = models.UUIDField(db_index=True)
    needs = models.CharField("必要なこと", max_length=500)
    devices = models.CharField(
        "命をつなぐ機器・処置", max_length=60, blank=True, help_text="keys of help_first.DEVICES"
    )
    companions = models.PositiveSmallIntegerField("付き添い", default=0)
    opening = models.UUIDField(null=True, help_text="the shelter that asks")
    contact = models.CharField("連絡先", max_length=100, blank=True)


class WelfareAnswer(Projection):
    """What a welfare shelter answered. Refusals stay."""

    request = models.UUIDField(db_index=True)
    facility = models.UUIDField()
    answer = models.CharField("答え", max_length=10)
    reason = models.CharField("理由", max_length=200, blank=True)
    told_by = models.CharField("だれから聞いたか", max_length=60, blank=True)
    over = models.BooleanField("定員を超えて", default=False)


class WelfareTransport(Projection):
    """Who brings them, and when; the latest holds."""

    request = models.UUIDField(db_index=True)
    carrier = models.CharField("移送する人", max_length=100)
    leaves_at = models.DateTimeField("出発の予定", null=True)
    note = models.CharField("覚え書き", max_length=200, blank=True)


class WelfareCancel(Projection):
    """The request is not wanted any more."""

    request = models.UUIDField(db_index=True)
    reason = models.CharField("理由", max_length=200, blank=True)
