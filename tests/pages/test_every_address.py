"""Walks every address of the house: closed to strangers, guarded by a named right, and never a crash for anybody.

New pages are found by themselves. A page that everybody signed in may open needs an entry in `WITHOUT_RIGHT`, a page
that strangers may open one in `OPEN`: both are decisions, so both are written down here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from backend.accounts import middleware
from backend.accounts.admin_site import RIGHT as ADMIN_RIGHT
from backend.accounts.admin_site import TasukiAdminSite
from backend.accounts.models import Division
from backend.accounts.permissions import PERSONAL_MARK, RIGHTS, may

INSIDE = ("/desk/", "/admin/", "/api/")
# What strangers may open: the monitors' addresses and the log-in page. All that is not inside is the outside.
OPEN = {"healthz", "readyz", "accounts:login"}
# What everybody who is signed in may open.
WITHOUT_RIGHT = {
    "accounts:login",
    "accounts:logout",
    "accounts:reason",
    "accounts:password",
    "admin:login",
    "desk:home",
    "gallery",
    "schema",
}
UNASKED = "admin:jsi18n"
# One value a kind of argument: well formed, and nothing in the house has it.
SAMPLE = {"uuid": "01990000-0000-7000-8000-000000000000", "int": "1", "slug": "x", "str": "x", "path": "x"}
CALM = {200, 204, 302, 400, 403, 404, 405, 422}


@dataclass(frozen=True)
class Address:
    name: str
    url: str
    view: Any
    has_arguments: bool


def _walk(patterns: list[Any], prefix: str = "/", spaces: tuple[str, ...] = ()) -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if "(?P" in route:  # the admin's last resort, for addresses that are not there
                continue
            url = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLE.get(found[1] or "str", "x"), route)
            yield Address(":".join([*spaces, pattern.name or route]), url, pattern.callback, "<" in route)
        else:
            below = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, route, below)


ADDRESSES = list(_walk(get_resolver().url_patterns))
INNER = [address for address in ADDRESSES if address.url.startswith(INSIDE)]


def _right_of(view: Any) -> str | None:
    if isinstance(getattr(view, "admin_site", None), TasukiAdminSite) or hasattr(view, "model_admin"):
        return ADMIN_RIGHT  # Django wraps them once more; AdminSite.admin_view asks for the right
    owner = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    rights = getattr(owner, "rights", None)
    return (
        getattr(view, "right", None)
        or getattr(owner, "right", None)
        or (next(iter(rights.values())) if rights else None)
    )


def test_the_walk_finds_the_house():
    names = {address.name for address in ADDRESSES}
    assert {"healthz", "accounts:login", "accounts:access_log", "admin:accounts_staff_changelist"} <= names


@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_stay_outside(client, db, method):
    came_in = []
    for address in INNER:
        if address.name in OPEN:
            continue
        response = getattr(client, method)(address.url)
        to_login = response.status_code == 302 and response["Location"].startswith("/desk/accounts/login/")
        if not to_login and response.status_code not in {401, 403, 404, 405}:
            came_in.append(f"{method} {address.url} {response.status_code}")
    assert came_in == []


def test_outside_pages_answer_strangers(client, db):
    broken = []
    for address in ADDRESSES:
        if not address.url.startswith(INSIDE):
            status = client.get(address.url).status_code
            if status not in CALM:
                broken.append(f"{address.url} {status}")
    assert broken == []


def test_every_inside_view_names_its_right():
    nameless = [a.name for a in INNER if a.name not in WITHOUT_RIGHT and _right_of(a.view) is None]
    assert nameless == []
    unknown = [a.name for a in INNER if _right_of(a.view) not in {None, *RIGHTS}]
    assert unknown == []


def test_every_table_of_the_admin_names_its_right():
    assert admin.site._registry
    assert {type(table).right in RIGHTS for table in admin.site._registry.values()} == {True}


@pytest.mark.once
@pytest.mark.parametrize("with_disaster", [False, True], ids=["empty_house", "after_a_disaster"])
@pytest.mark.parametrize("division", Division.values)
def test_no_page_crashes_for_anybody(staff, sign_in, household, disaster, division, with_disaster):
    if with_disaster:
        household(disaster(), [{"name": "高橋 一郎", "kana": "タカハシ イチロウ"}])
    person = staff(division)
    # Who lacks the right is refused before anything is looked up: that is the test below.
    assert _crashed(sign_in(person), [a for a in INNER if _may_open(person, a)]) == []


@pytest.mark.postgresql
@pytest.mark.parametrize("with_disaster", [False, True], ids=["empty_house", "after_a_disaster"])
def test_no_page_asks_what_the_other_database_cannot_answer(staff, sign_in, household, disaster, with_disaster):
    """Each page once, by the first division that may open it: everybody does it on SQLite."""
    if with_disaster:
        household(disaster(), [{"name": "高橋 一郎", "kana": "タカハシ イチロウ"}])
    left, crashed = [a for a in INNER if a.name != UNASKED], []
    for division in Division.values:
        person = staff(division)
        crashed += _crashed(sign_in(person), [a for a in left if _may_open(person, a)])
        left = [a for a in left if not _may_open(person, a)]
    assert crashed == []
    # What is left needs a mark of one's own, or is for machines.
    rights = {right for a in left if (right := _right_of(a.view))}
    assert {right for right in rights if RIGHTS[right][1]} <= set(PERSONAL_MARK)


def _may_open(person: Any, address: Address) -> bool:
    right = _right_of(address.view)
    return address.name != UNASKED and (not right or may(person, right))


def _crashed(client: Client, addresses: list[Address]) -> list[str]:
    client.raise_request_exception = False  # all the crashes at once, not the first
    crashed = []
    for address in addresses:
        response = client.get(address.url)
        # What a made-up number leads to must be as unknown as any other.
        calm = CALM if not address.has_arguments or address.url.startswith("/admin/") else CALM - {200}
        if response.status_code not in calm:
            why = getattr(response, "exc_info", None)
            crashed.append(
                f"{address.url} {response.status_code} {why[1]!r}" if why else f"{address.url} {response.status_code}"
            )
    return crashed


@pytest.mark.once
@pytest.mark.parametrize("division", Division.values)
def test_without_the_right_every_page_is_refused(staff, sign_in, monkeypatch, division):
    person = staff(division)
    client, wrong, told = sign_in(person), [], 0
    for address in INNER:
        right = _right_of(address.view)
        if not right or may(person, right) or address.name in WITHOUT_RIGHT:
            continue
        answer = client.get(address.url)
        if answer.status_code not in {403, 404, 405}:
            wrong.append(f"{address.url} answers {answer.status_code} to {division}, who has no {right}")
        if answer.status_code == 403 and not address.url.startswith("/api/"):
            told += 1
        if told == 3:  # the page that says so has been seen, it is the same one for all
            monkeypatch.setattr(middleware, "render", lambda *_, status, **__: HttpResponse(status=status))
    assert told > 10
    assert wrong == []


# Rights by division, at addresses of things that are really there ------------------------------------------------------


@pytest.fixture
def real(disaster, household, staff):
    """Something of every kind that an address may be about: name of the address -> its arguments."""
    from backend.damage.certificates.services import issue_hisai
    from backend.documents.fonts import Held
    from backend.documents.models import HeldCharacter
    from backend.facilities.models import Facility
    from backend.shelters import services as shelters

    event, clerk, desk = disaster(), staff("tax"), staff("shelter")
    home = household(event, [{"name": "高橋 一郎"}, {"name": "高橋 花子"}])
    odd = household(event, [{"name": "\ue123山 一郎"}])
    paper = issue_hisai(by=clerk, household_id=home.pk, purpose="保険", id_checked="licence")
    with pytest.raises(Held):
        issue_hisai(by=clerk, household_id=odd.pk, purpose="保険", id_checked="licence")
    opening = shelters.open_shelter(by=desk, facility=Facility.objects.create(name="港公民館"))
    ids = {
        "household_id": home.pk,
        "issue_id": paper.pk,
        "opening": opening,
        "held_id": HeldCharacter.objects.first().pk,
        "number": 1,
    }
    return ids | {"pk": event.pk, "person_id": home.members.last().pk}


def _routes(patterns, spaces=(), prefix=""):
    """(name, argument names, view) of every inside page of ours."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            wanted = re.findall(r"<(?:\w+:)?(\w+)>", prefix + str(pattern.pattern))
            yield ":".join([*spaces, pattern.name or ""]), wanted, pattern.callback
        else:
            below = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _routes(pattern.url_patterns, below, prefix + str(pattern.pattern))


@pytest.mark.parametrize("division", Division.values)
def test_a_division_opens_what_its_rights_say_and_nothing_else(staff, sign_in, real, division):
    person = staff(division)
    client, wrong, walked = sign_in(person), [], 0
    kept = {"documents:decision_end"}
    for name, wanted, view in _routes(get_resolver().url_patterns):
        right = getattr(view, "right", None)
        if not right or name in kept or not wanted or not real.keys() >= set(wanted):
            continue
        # `pk` is a disaster only in the room of disasters.
        if "pk" in wanted and not name.startswith("ledger:"):
            continue
        url = reverse(name, kwargs={key: real[key] for key in wanted})
        answer = client.get(url)
        walked += 1
        if may(person, right):
            if answer.status_code == 403 and right not in PERSONAL_MARK:
                wrong.append(f"{url} is closed to {division}, who has {right}")
            continue
        if answer.status_code == 405:
            answer = client.post(url)
        if answer.status_code != 403:
            wrong.append(f"{url} answers {answer.status_code} to {division}, who has no {right}")
    assert walked >= 15
    assert wrong == []


def test_every_method_of_the_api_names_its_right():
    nameless = []
    for address in INNER:
        owner = getattr(address.view, "cls", None)
        if not address.url.startswith("/api/") or owner is None or address.name in WITHOUT_RIGHT:
            continue
        methods = [m.upper() for m in owner.http_method_names if m != "options" and hasattr(owner, m)]
        actions = getattr(address.view, "actions", None) or {}
        for method in {*methods, *(m.upper() for m in actions)} - {"HEAD"}:
            right = getattr(owner, "rights", {}).get(method) or getattr(owner, "right", None)
            if right not in RIGHTS:
                nameless.append(f"{method} {address.url}")
    assert nameless == []


@pytest.mark.parametrize("division", Division.values)
def test_every_method_of_the_api_is_closed_to_who_lacks_its_right(staff, sign_in, division):
    person = staff(division)
    client, opened = sign_in(person), []
    for address in INNER:
        owner = getattr(address.view, "cls", None)
        if not address.url.startswith("/api/") or owner is None or address.name in WITHOUT_RIGHT:
            continue
        for method in ("get", "post", "put", "patch", "delete"):
            if not hasattr(owner, method):
                continue
            right = getattr(owner, "rights", {}).get(method.upper()) or getattr(owner, "right", None)
            if right and not may(person, right):
                status = getattr(client, method)(address.url).status_code
                if status != 403:
                    opened.append(f"{method} {address.url} {status}")
    assert opened == []
