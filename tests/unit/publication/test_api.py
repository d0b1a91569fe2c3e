"""The history for other programs."""

from rest_framework.test import APIRequestFactory, force_authenticate

from backend.publication.api import RunList
from backend.publication.services import publish


def ask(person=None):
    request = APIRequestFactory().get("/api/v1/publication/runs/")
    if person:
        force_authenticate(request, person)
    return RunList.as_view()(request)


def test_runs_are_listed_the_latest_first(staff, disaster, shelter, tmp_path):
    disaster("2026")
    publish(code="2026", to=tmp_path / "first", by=None)
    shelter()
    publish(code="2026", to=tmp_path / "second", by=None)
    runs = ask(staff("auditor")).data["results"]
    assert [(run["target"], run["shelters"], run["disaster"]) for run in runs] == [
        ("second", 1, "2026"),
        ("first", 0, "2026"),
    ]
    assert len(runs[0]["sha256"]["open/shelters.csv"]) == 64


def test_a_stranger_gets_nothing(db):
    assert ask().status_code in {401, 403}
