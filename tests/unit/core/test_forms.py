"""Fields that every room uses."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.forms import ValidationError

from backend.core import clock
from backend.core.clock import TOKYO
from backend.core.forms import AsOfForm, BirthField


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        ("　", ""),
        ("3 45 1 2", "1970-01-02"),
        ("S45.1.2", "1970-01-02"),
        ("S45", "1970-00-00"),
        ("2026-11-20", "2026-11-20"),
        ("R8", "2026-00-00"),
    ],
)
def test_a_birth_date_is_kept_as_far_as_it_is_known(typed, read):
    with clock.frozen(datetime(2026, 11, 20, 9, tzinfo=TOKYO)):
        assert BirthField().clean(typed) == read


@pytest.mark.parametrize(
    ("typed", "said"), [("2026-11-21", "未来の日付です。"), ("R9", "未来の日付です。"), ("きのう", "S45.1.2")]
)
def test_nobody_is_born_tomorrow_or_on_no_day(typed, said):
    with clock.frozen(datetime(2026, 11, 20, 9, tzinfo=TOKYO)), pytest.raises(ValidationError, match=said):
        BirthField().clean(typed)


@pytest.mark.parametrize("typed", ["0001-01-01T00:00", "0026-11-18T05:46", "9999-12-31T23:59"])
def test_a_year_typed_by_half_is_no_time(typed):
    form = AsOfForm({"known_at": typed})
    assert "年を確かめてください" in str(form.errors["known_at"])
