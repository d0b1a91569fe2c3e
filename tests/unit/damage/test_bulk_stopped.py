"""一括交付 stopped on its page: what was numbered stays, and who begins again goes on with no number twice."""

from __future__ import annotations

import csv

import pytest
from django.urls import reverse
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from backend.core import work as works
from backend.damage.certificates.bulk import services, work
from backend.damage.models import BulkFile, BulkRun
from backend.documents.models import Issue

HOMES = 7
FORM = {"purpose": "被災者支援の手続き", "post": "page"}


@pytest.fixture
def town(disaster, household, settings, tmp_path, monkeypatch):
    """Seven households, two in a file; as in a large town, a worker does it."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(work, "AT_ONCE_UP_TO", 0)
    monkeypatch.setattr(work, "WORKERS", 1)
    monkeypatch.setattr(services, "PAGES", 4)
    event = disaster()
    for n in range(1, HOMES + 1):
        household(event, [{"name": f"世帯{n} 一郎"}], address=f"大浜市西町{n}番地")
    return event


@pytest.fixture
def client(town, staff, sign_in):
    return sign_in(staff("tax"))


def begin(client):
    token = works.new_token()
    answer = client.post(reverse("damage:bulk"), {**FORM, "token": token})
    assert answer.headers["Location"] == page_of(token)
    return token


def page_of(token):
    return reverse("damage:bulk_work", args=[token])


def stop(client, token):
    return client.post(reverse("damage:bulk_stop", args=[token]), follow=True).content.decode()


def a_worker_takes_it():
    row = DBTaskResult.objects.get(status=TaskResultStatus.READY)
    row.claim("worker")
    row.set_successful(row.task.call(**row.args_kwargs["kwargs"]))


def numbers():
    return sorted(Issue.objects.values_list("number", flat=True))


def test_what_was_numbered_stays_and_the_next_one_goes_on_from_there(client, monkeypatch, tmp_path):
    token, made, number_block = begin(client), [], services.number_block

    def stopped_after_the_second(**named):
        made.append(number_block(**named))
        if len(made) == 2:
            assert "一括交付をやめる" in client.get(page_of(token)).content.decode()
            assert "やめています" in stop(client, token)
        return made[-1]

    with monkeypatch.context() as patch:
        patch.setattr(services, "number_block", stopped_after_the_second)
        a_worker_takes_it()
    assert works.find(token).state == "stopped"
    said = client.get(page_of(token)).content.decode()
    assert "一括交付をやめました" in said
    assert "番号を付けた分は記録されています" in said
    assert len(made) == 2
    assert numbers() == [1, 2, 3, 4]
    before = set(Issue.objects.values_list("pk", "number", "household"))
    run = BulkRun.objects.get()
    assert run.ended_at is None
    assert "途中" in client.get(reverse("damage:bulk")).content.decode()

    token = begin(client)
    a_worker_takes_it()
    assert works.find(token).state == "done"
    after = set(Issue.objects.values_list("pk", "number", "household"))
    assert before < after
    assert numbers() == list(range(1, HOMES + 1))
    assert len({household for _, _, household in after}) == HOMES
    assert BulkRun.objects.get().ended_at is not None
    assert not BulkFile.objects.filter(written_at=None).exists()
    folder = work.folder_of(run)
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len({(row["ファイル"], row["ページ"]) for row in listed}) == len(listed) == HOMES
    assert {row["ファイル"] for row in listed} == {path.name for path in folder.glob("*.pdf")}


def test_stopped_while_it_waits_nothing_is_numbered(client):
    token = begin(client)
    assert "一括交付をやめました" in stop(client, token)
    a_worker_takes_it()
    assert works.find(token).state == "stopped"
    assert numbers() == []
    assert "一括交付をやめました" in stop(client, token)  # pressed once more on another screen


def test_only_who_may_issue_stops_it_and_only_this_work(client, staff, sign_in):
    token = begin(client)
    at = reverse("damage:bulk_stop", args=[token])
    assert client.get(at).status_code == 405
    assert sign_in(staff("welfare")).post(at).status_code == 403
    other = works.new_token()
    works._claim(works.Work(other, "registry.take_file", "取り込んでいます", "職員", "2026-11-18"))
    assert client.post(reverse("damage:bulk_stop", args=[other])).status_code == 404
    assert not works.is_asked_to_stop(other)
    assert [works.find(one).state for one in (token, other)] == ["waiting", "running"]
