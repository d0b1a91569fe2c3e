"""The exchange of the emergency register on its page: beginning, deciding with both sides, taking back."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from backend.core import work
from backend.ledger.models import NumberExchange, Person, Protection
from backend.registry.services import take_file
from tests.unit.ledger.test_exchange import (  # noqa: F401 - a fixture
    REAL,
    emergency,
    exchange_register,
    own,
    today,
    who,
)
from tests.unit.registry.commands import tasuki
from tests.unit.registry.files import write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def ledger(emergency, tmp_path):  # noqa: F811
    take_file(path=write(tmp_path / "real.csv", REAL), kind="full", as_of=date(2026, 11, 7), by=None)
    return emergency


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_from_the_disasters_page_to_the_last_decision(ledger, staff, sign_in):
    client = sign_in(staff("register"))
    url = reverse("ledger:exchange", args=[ledger.pk])
    assert url in text_of(client.get(reverse("ledger:disaster", args=[ledger.pk])))
    assert "real.csv" in text_of(client.get(url))
    done = client.post(url, {"token": work.new_token()}, follow=True)
    text = text_of(done)
    assert "3人を入れ替え" in text
    assert "古川 由美" in text
    assert "新田 由美" in text
    yumi = who(3)
    chosen = client.post(reverse("ledger:choose", args=[ledger.pk, yumi.pk]), {"number": "901"}, follow=True)
    assert "同じ方として入れ替えました" in text_of(chosen)
    assert Person.objects.get(pk=yumi.pk).atena_no == "901"
    back = client.post(
        reverse("ledger:take_back", args=[ledger.pk, NumberExchange.objects.get(person=yumi).pk]), follow=True
    )
    assert "取り消しました" in text_of(back)
    none = client.post(reverse("ledger:choose", args=[ledger.pk, yumi.pk]), follow=True)
    assert "どの方でもない" in text_of(none)
    assert Person.objects.filter(atena_no="901").exists()


def test_only_who_stands_beside_them_can_be_chosen(ledger, staff, sign_in):
    exchange_register(by=None, disaster=ledger)
    client = sign_in(staff("register"))
    far = who(4)
    assert client.post(reverse("ledger:choose", args=[ledger.pk, far.pk]), {"number": "901"}).status_code == 404


def test_people_under_protection_are_counted_and_not_shown(ledger, staff, sign_in):
    Protection.objects.create(person=who(3), source="desk")
    exchange_register(by=None, disaster=ledger)
    client = sign_in(staff("register"))
    text = text_of(client.get(reverse("ledger:exchange", args=[ledger.pk])))
    assert "ほか1人（秘匿）" in text
    assert "由美" not in text
    assert client.post(reverse("ledger:choose", args=[ledger.pk, who(3).pk])).status_code == 404
    sees = sign_in(staff("register", sees_protected=True))
    assert "由美" in text_of(sees.get(reverse("ledger:exchange", args=[ledger.pk])))


def test_a_number_of_before_opens_the_exchange(ledger, staff, sign_in):
    exchange_register(by=None, disaster=ledger)
    client = sign_in(staff("register"))
    text = text_of(client.post(reverse("ledger:exchange", args=[ledger.pk]), {"number": own(1)}))
    assert f"{own(1)} → 1002" in text


def test_the_household_page_of_a_number_of_before_leads_on(ledger, staff, sign_in):
    home = who(1).household
    exchange_register(by=None, disaster=ledger)
    client = sign_in(staff("register"))
    assert "別の世帯に入っています" in text_of(client.get(reverse("desk:household", args=[home.pk])))
    Protection.objects.create(atena_no="1002", source="register")
    assert client.get(reverse("desk:household", args=[home.pk])).status_code == 404


def test_the_command_says_what_it_did(ledger):
    code, said = tasuki("exchange_register", "2026")
    assert (code, said["exchanged"], said["entered"], said["open"]) == (0, 3, 1, 2)
    assert tasuki("exchange_register", "2026")[0] == 2
