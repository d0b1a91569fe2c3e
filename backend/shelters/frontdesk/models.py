"""Nights away, visitors and parcels, as entries wrote them; `Ended` says that one of them is over."""

from __future__ import annotations

from django.db import models

from backend.facilities.models import Projection


class Away(Projection):
    """外泊: somebody sleeps elsewhere and comes back; they still belong to the shelter."""

    opening = models.UUIDField(db_index=True)
    evacuee = models.UUIDField(db_index=True)
    until = models.CharField("戻る予定の日", max_length=10, blank=True)
    place = models.CharField("外泊先", max_length=100, blank=True)
    phone = models.CharField("連絡先", max_length=40, blank=True)

    class Meta:
        app_label = "shelters"


class Visitor(Projection):
    """来訪者: somebody came and asked for somebody, in their own words; never tied to whoever is meant."""

    opening = models.UUIDField(db_index=True)
    name = models.CharField("来訪者", max_length=100)
    asks_for = models.CharField("たずねた相手・用件", max_length=200, blank=True)
    phone = models.CharField("連絡先", max_length=40, blank=True)
    result = models.CharField("どうしたか", max_length=20)

    class Meta:
        app_label = "shelters"


class Parcel(Projection):
    """預かった荷物: for whom, as written on it; never tied to whoever is meant."""

    opening = models.UUIDField(db_index=True)
    addressee = models.CharField("宛名", max_length=100)
    what = models.CharField("荷物", max_length=100, blank=True)
    sender = models.CharField("差出人・運送会社", max_length=100, blank=True)
    place = models.CharField("置き場所", max_length=60, blank=True)

    class Meta:
        app_label = "shelters"


class Ended(Projection):
    """Somebody away came back, a visitor left, a parcel was handed over or sent back."""

    opening = models.UUIDField(db_index=True)
    began = models.UUIDField(db_index=True, help_text="the entry that is over")
    result = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=100, blank=True)

    class Meta:
        app_label = "shelters"
