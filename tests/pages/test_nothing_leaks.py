"""What a hostile reader tried: each of these once got something out."""

from __future__ import annotations

import logging
import sys

import pytest
from django.test import Client
from django.urls import reverse

from backend.core.logs import Nameless
from backend.ledger import services, words
from backend.registry import queries as register
from backend.registry.models import RegisterFile, SetAsideRow

NEW_TELEPHONE = "000-0000-4321"


@pytest.fixture
def home(disaster, household):
    event = disaster()
    made = household(event, [{"name": "高橋 一郎"}, {"name": "高橋 花子"}])
    words.rebuild(event)
    return made


def test_what_a_hidden_member_told_is_shown_to_nobody_else(home, staff, sign_in):
    clerk, chief = staff("welfare"), staff("welfare", sees_protected=True)
    services.write_by_hand(by=clerk, household=home, kind="telephone", text=NEW_TELEPHONE)
    page = reverse("desk:household", args=[home.pk])
    assert NEW_TELEPHONE in sign_in(clerk).get(page).content.decode()
    services.ask_protection(by=clerk, person=home.members.get(name="高橋 花子"))
    assert NEW_TELEPHONE not in sign_in(clerk).get(page).content.decode()
    assert NEW_TELEPHONE in sign_in(chief).get(page).content.decode()


def test_a_row_that_was_set_aside_still_protects(db):
    file = RegisterFile.objects.create(
        kind="change", name="a.csv", fingerprint="0" * 64, size=1, encoding="utf-8",
        rows=2, accepted=0, unchanged=0, pending=0, set_aside=2,
    )  # fmt: skip
    bad = ["異動年月日がありません"]
    SetAsideRow.objects.create(file=file, line_no=2, reasons=bad, values={"宛名番号": "77", "支援措置": "1"})
    SetAsideRow.objects.create(file=file, line_no=3, reasons=bad, values={"宛名番号": "78", "支援措置": ""})
    assert register.ever_protected() == {"77": ""}
    assert register.ever_protected(file.pk) == {"77": ""}


def test_the_whole_register_goes_only_to_those_who_may_see_everybody_in_it(home, staff, sign_in):
    page = reverse("ledger:export", args=[home.disaster_id])
    answer = sign_in(staff("register")).post(page)
    assert answer.status_code == 403
    assert "支援措置" in answer.content.decode()


@pytest.mark.parametrize("name", ["desk:search", "shelters:index", "desk:home"])
def test_no_inside_page_stays_in_the_browser(name, home, staff, sign_in):
    assert "no-store" in sign_in(staff("shelter")).get(reverse(name))["Cache-Control"]


def test_a_log_says_where_it_went_wrong_and_of_whom_nothing():
    row = "高橋" + " 一郎"
    try:
        raise ValueError(f"Failing row contains ({row})")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "broken", (), sys.exc_info())
    said = Nameless("%(message)s").format(record)
    assert "ValueError" in said
    assert row not in said


def test_every_post_asks_for_the_token_of_its_page(home, staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff("shelter"), backend="django.contrib.auth.backends.ModelBackend")
    for name in ("desk:search", "desk:add_household", "shelters:index"):
        assert client.post(reverse(name), {"text": "高橋"}).status_code == 403
