"""A standing cast: staff of a division, a disaster, a household with members. All people are invented."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from django.test import Client

from backend.core.clock import TOKYO
from tests import database
from tests.chromium import BROWSERS, QUIET, chromium

OCCURRED = datetime(2026, 11, 18, 5, 46, tzinfo=TOKYO)
_numbers = count(1)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django asks for this before it makes the suite's database."""
    database.use_template()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """A hash that is meant to be slow would be most of the suite's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def staff(db: None) -> Callable[..., Any]:
    """`staff("tax", is_supervisor=True)`: an account of that division."""
    from backend.accounts.models import Staff

    def make(division: str = "register", **fields: Any) -> Staff:
        fields = {"display_name": f"職員 {division}", "username": f"{division}{next(_numbers)}", **fields}
        return Staff.objects.create_user(password="long-enough-words", division=division, **fields)

    return make


@pytest.fixture
def sign_in() -> Callable[[Any], Client]:
    """`sign_in(staff("tax"))`: a client with that person at the keyboard."""

    def enter(person: Any) -> Client:
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


@pytest.fixture
def disaster(db: None) -> Callable[..., Any]:
    """`disaster("2026")`: an opened disaster without a register under it."""
    from backend.ledger.models import Disaster

    def make(code: str = "2026", **fields: Any) -> Disaster:
        return Disaster.objects.create(code=code, **{"name": "大浜沖地震", "occurred_at": OCCURRED, **fields})

    return make


@pytest.fixture
def household(disaster: Callable) -> Callable[..., Any]:
    """`household(d, [{"name": "高橋 一郎"}, …], **fields)`: a household of the ledger; the first member is its head."""
    from backend.core.check_digits import format_disaster_number
    from backend.ledger.models import Household, Person
    from backend.ledger.search_keys import search_keys

    def make(event: Any, members: list[dict[str, Any]], **fields: Any) -> Household:
        event.last_number += 1
        event.save()
        number = event.last_number
        home = Household.objects.create(
            disaster=event,
            number=number,
            disaster_number=format_disaster_number(event.code, number),
            **{"household_no": f"9{number:06}", "address": "大浜市西町１番地", **fields},
        )
        for position, member in enumerate(members, 1):
            values = {
                "atena_no": f"8{number:06}{position:02}",
                "relationship": "世帯主" if position == 1 else "子",
                "is_head": position == 1,
                "birth": "1970-01-02",
                "sex": "1",
                "address": home.address,
                **member,
            }
            keys = search_keys(
                name=values["name"],
                kana=values.get("kana", ""),
                alias=values.get("alias", ""),
                address=values["address"],
            )
            Person.objects.create(disaster=event, household=home, position=position, **values, **keys)
        return home

    return make


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium. Without a browser these tests are skipped, but never where the project is checked as a whole."""
    found = chromium()
    if found is None:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"no browser: none of {', '.join(BROWSERS)} is installed")
    # From here on Playwright's event loop belongs to this thread, until pytest ends; Django would refuse its own
    # database calls beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {**browser_type_launch_args, "executable_path": found, "args": QUIET}
