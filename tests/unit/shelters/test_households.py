"""Shelters know a household as it is today; its time line tells what happened while people belonged to it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.clock import TOKYO
from backend.ledger.households import queries as households
from backend.ledger.households.services import decide
from backend.ledger.models import Protection
from backend.shelters import household as stays
from backend.shelters import services

GROUND = {"ground": "別居した", "evidence": "本人の届出"}


def at(day, hour=9):
    return datetime(2026, 11, day, hour, tzinfo=TOKYO)


def test_a_separated_wife_checks_in_with_her_own_household(clerk, shelter, family, staff, sign_in):
    with clock.frozen(at(18, 8)):
        first = shelter("西町小学校")
    with clock.frozen(at(19)):
        wife = family.members.get(name="山田 花子")
        everybody = [person.pk for person in family.members.all()]
        services.check_in_household(by=clerk, opening=first, household=family.pk, persons=everybody)
    with clock.frozen(at(25)):
        second = shelter("北町公民館")
        made = decide(
            by=staff("welfare"), household=family, kind="split", people=[wife.pk], day=clock.today(), **GROUND
        )
        new = households.founded(made.pk)[0]
        page = sign_in(clerk).get(reverse("shelters:check_in", args=[family.pk])).content.decode()
        assert "花子" not in page
        assert "一郎" in page
        assert "花子" in sign_in(clerk).get(reverse("shelters:check_in", args=[new.pk])).content.decode()
        services.check_in_household(by=clerk, opening=second, household=new.pk, persons=[wife.pk])
        old, hers = (stays.timeline(home.pk, clerk) for home in (family, new))
        doors = [stays.door(home.pk, clerk) for home in (family, new)]
    assert [row["title"] for row in old] == ["避難所に到着"]
    assert "花子" in old[0]["text"]
    assert [row["text"] for row in hers] == ["西町小学校 → 北町公民館　山田 花子"]
    assert doors[0]["count"] == 2
    assert doors[1]["note"] == "北町公民館"


def test_nobody_learns_from_a_shelter_that_a_hidden_wife_left(clerk, shelter, family, staff):
    with clock.frozen(at(18, 8)):
        opening = shelter()
    with clock.frozen(at(25)):
        wife = family.members.get(name="山田 花子")
        everybody = [person.pk for person in family.members.all()]
        services.check_in_household(by=clerk, opening=opening, household=family.pk, persons=everybody)
        Protection.objects.create(person=wife, source="desk")
        before = stays.timeline(family.pk, clerk), stays.door(family.pk, clerk)
        chief = staff("welfare", sees_protected=True)
        made = decide(by=chief, household=family, kind="split", people=[wife.pk], day=clock.today(), **GROUND)
        assert (stays.timeline(family.pk, clerk), stays.door(family.pk, clerk)) == before
        new = households.founded(made.pk)[0]
        assert stays.timeline(new.pk, clerk) == []


@pytest.mark.parametrize("kind", ["split", "actual_split"])
def test_both_numbers_find_her(kind, family, staff, sign_in):
    with clock.frozen(at(25)):
        wife = family.members.get(name="山田 花子")
        made = decide(by=staff("welfare"), household=family, kind=kind, people=[wife.pk], day=clock.today(), **GROUND)
        new = households.founded(made.pk)[0]
        client = sign_in(staff("tax"))
        for home in (family, new):
            answer = client.post(reverse("desk:search"), {"q": home.disaster_number})
            assert answer.url == reverse("desk:household", args=[home.pk])
        for typed in ({"text": family.household_no}, {"text": wife.atena_no}, {"text": f"山田 {new.disaster_number}"}):
            page = client.post(reverse("desk:search"), typed).content.decode()
            assert new.disaster_number in page, typed
        last = int(new.disaster_number[-1])
        mistyped = new.disaster_number[:-1] + str((last + 1) % 10)
        assert new.disaster_number in client.post(reverse("desk:search"), {"q": mistyped}).content.decode()
        Protection.objects.create(person=wife, source="desk")
        for number in (new.disaster_number, mistyped):
            page = client.post(reverse("desk:search"), {"q": number}).content.decode()
            assert f'value="{new.disaster_number}"' not in page.replace(f'name="text" value="{number}"', "")
            assert "花子" not in page
