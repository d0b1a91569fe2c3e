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
from django.test import Client
from django.urls import URLPattern, get_resolver

from backend.accounts.admin_site import RIGHT as ADMIN_RIGHT
from backend.accounts.admin_site import TasukiAdminSite
from backend.accounts.models import Division
from backend.accounts.permissions import RIGHTS

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


@pytest.mark.parametrize("with_disaster", [False, True], ids=["empty_house", "after_a_disaster"])
@pytest.mark.parametrize("division", Division.values)
def test_no_page_crashes_for_anybody(staff, sign_in, household, disaster, division, with_disaster):
    if with_disaster:
        household(disaster(), [{"name": "高橋 一郎", "kana": "タカハシ イチロウ"}])
    client: Client = sign_in(staff(division))
    client.raise_request_exception = False  # all the crashes at once, not the first
    crashed = []
    for address in INNER:
        if address.name == "admin:jsi18n":
            continue
        response = client.get(address.url)
        # What a made-up number leads to must be as unknown as any other.
        calm = CALM if not address.has_arguments or address.url.startswith("/admin/") else CALM - {200}
        if response.status_code not in calm:
            why = getattr(response, "exc_info", None)
            crashed.append(
                f"{address.url} {response.status_code} {why[1]!r}" if why else f"{address.url} {response.status_code}"
            )
    assert crashed == []
