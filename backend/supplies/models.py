"""What shelters ask for, what came and what people were given. All of it can be dropped and rebuilt from the entries."""

from __future__ import annotations

from django.db import models

from backend.facilities.models import Projection

from .rules import STATES, URGENCY


class Request(Projection):
    """物資の要望: one thing that a shelter asks for."""

    opening = models.UUIDField(db_index=True)
    what = models.CharField("品目", max_length=100)
    quantity = models.PositiveIntegerField("数量")
    unit = models.CharField("単位", max_length=20, blank=True)
    until = models.CharField("いつまでに", max_length=10, blank=True)
    urgency = models.CharField("急ぎ", max_length=10, choices=list(URGENCY.items()))
    note = models.CharField("覚え書き", max_length=200, blank=True)

    class Meta:
        verbose_name = "物資の要望"
        verbose_name_plural = "物資の要望"


class Answer(Projection):
    """What became of a request, as one entry says; the latest holds."""

    request = models.UUIDField(db_index=True, help_text="the entry of the request")
    state = models.CharField("状態", max_length=10, choices=list(STATES.items()))
    note = models.CharField("覚え書き", max_length=200, blank=True)

    class Meta:
        verbose_name = "要望への回答"
        verbose_name_plural = "要望への回答"


class Receipt(Projection):
    """物資の受取: something came to a shelter, for one of its requests or by itself. Who took it in is the author of the entry."""

    opening = models.UUIDField(db_index=True)
    request = models.UUIDField(null=True, db_index=True, help_text="the entry of the request that it came for")
    what = models.CharField("品目", max_length=100)
    quantity = models.PositiveIntegerField("数量")
    unit = models.CharField("単位", max_length=20, blank=True)
    brought_by = models.CharField("届けた人", max_length=100, blank=True)

    class Meta:
        verbose_name = "物資の受取"
        verbose_name_plural = "物資の受取"


class HandOut(Projection):
    """物資の配布: somebody was given something. `evacuee` is empty for somebody who has no card and is in no roster."""

    opening = models.UUIDField()
    evacuee = models.UUIDField(null=True, db_index=True)
    given_to = models.CharField("渡した相手", max_length=100, blank=True)
    what = models.CharField("品目", max_length=100)
    key = models.CharField(max_length=100, help_text="rules.same_thing(what)")
    quantity = models.PositiveIntegerField("数量")
    unit = models.CharField("単位", max_length=20, blank=True)

    class Meta:
        verbose_name = "物資の配布"
        verbose_name_plural = "物資の配布"
        indexes = [models.Index(fields=["opening", "occurred_at"], name="hand_out_of_shelter")]
