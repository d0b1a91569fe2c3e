"""On a shelter's laptop: an excerpt of the register to find people at the door by. Empty on the server."""

from __future__ import annotations

from django.db import models


class LookupPerson(models.Model):
    """名簿の写し: one resident of the shelter's area. Nobody under protection is in it at all."""

    atena_no = models.CharField("宛名番号", max_length=15, primary_key=True)
    household_no = models.CharField("世帯番号", max_length=15, blank=True, db_index=True)
    name = models.CharField("氏名", max_length=200)
    kana = models.CharField("氏名カナ", max_length=300, blank=True)
    birth = models.CharField("生年月日", max_length=10, blank=True)
    sex = models.CharField("性別", max_length=1, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    key = models.CharField(max_length=1000, help_text="folds of all of it, to be searched in")

    class Meta:
        verbose_name = "名簿の写し"
        verbose_name_plural = "名簿の写し"
