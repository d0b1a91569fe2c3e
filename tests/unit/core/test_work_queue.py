"""Work that waits for a worker: stopped before it began, left by workers that died, and what a monitor is told of it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from backend.core import work, work_queue

pytestmark = pytest.mark.django_db
DONE: list[str] = []


@task()
def count_up(*, token: str, until: str) -> str:
    def counting(progress: work.Progress) -> dict[str, int]:
        for n in range(int(until)):
            progress(n, int(until))
        DONE.append(token)
        return {"counted": int(until)}

    return work_queue.carry_out(count_up, token, counting, until=until)


@pytest.fixture(autouse=True)
def here(settings, tmp_path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    DONE.clear()
    yield
    work_queue._leaving.clear()


def put() -> str:
    token = work.new_token()
    work_queue.put(count_up, token=token, kind="test", label="数える", by_name="職員", about={}, until="3")
    return token


def take() -> DBTaskResult:
    """What a worker does with the next row: claim it, then run it."""
    row = DBTaskResult.objects.filter(status=TaskResultStatus.READY).get()
    row.claim("worker")
    return row


def run(row: DBTaskResult) -> None:
    row.set_successful(row.task.call(**row.args_kwargs["kwargs"]))


def fall_silent(token: str, row: DBTaskResult) -> None:
    """As after a power cut: its worker began and nobody heard of it for a minute."""
    found = work.find(token)
    found.state = "running"
    path = work._path(token)
    work._write(path, found).replace(path)
    long_ago = time.time() - 60
    os.utime(path, (long_ago, long_ago))
    DBTaskResult.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(minutes=1))


def test_what_waits_is_done_once_and_a_second_click_queues_nothing():
    token = put()
    work_queue.put(count_up, token=token, kind="test", label="数える", by_name="職員", about={}, until="3")
    assert work.find(token).state == "waiting"
    assert work_queue.length() == 1
    run(take())
    assert (work.find(token).state, work.find(token).result) == ("done", {"counted": 3})
    work_queue.put(count_up, token=token, kind="test", label="数える", by_name="職員", about={}, until="3")
    assert work_queue.length() == 0
    assert [token] == DONE


def test_what_is_stopped_before_a_worker_took_it_is_never_done():
    token = put()
    work.ask_to_stop(token)
    assert work.find(token).state == "stopped"
    run(take())
    assert work.find(token).state == "stopped"
    assert DONE == []


def test_what_a_dead_worker_left_is_taken_up_and_goes_on_meanwhile_for_who_asks():
    token = put()
    fall_silent(token, take())
    assert work.find(token).state == "interrupted"
    assert work.find(token).goes_on
    assert work_queue.reap() == 1
    assert work_queue.reap() == 0
    assert work.find(token).state == "waiting"
    run(take())
    assert [token] == DONE


def test_a_worker_that_died_before_it_said_that_it_began_is_noticed_too():
    token = put()
    row = take()
    assert work_queue.reap() == 0  # it may be about to
    long_ago = time.time() - 60
    os.utime(work._path(token), (long_ago, long_ago))
    DBTaskResult.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(minutes=1))
    assert work_queue.reap() == 1
    run(take())
    assert [token] == DONE


def test_what_is_being_handed_back_after_a_while_is_not_queued_a_second_time():
    token = put()
    row = take()
    DBTaskResult.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(minutes=1))
    work_queue._leaving.set()
    row.task.call(**row.args_kwargs["kwargs"])  # queued again, and its own row not yet ended
    assert work_queue.reap() == 0
    assert work_queue.length() == 1
    assert work.find(token).state == "waiting"


def test_what_a_dead_worker_left_can_be_stopped_before_another_takes_it():
    token = put()
    row = take()
    fall_silent(token, row)
    work.ask_to_stop(token)
    assert work.find(token).state == "stopped"
    assert work_queue.reap() == 0
    assert work_queue.length() == 0
    assert DONE == []


def test_what_kills_every_worker_is_given_up_and_said():
    token = put()
    for _ in range(work_queue.TRIES):
        fall_silent(token, take())
        work_queue.reap()
    assert work_queue.length() == 0
    assert work.find(token).state == "failed"
    assert not work.find(token).goes_on


def test_what_runs_is_left_alone():
    token = put()
    row = take()
    found = work.find(token)
    found.state = "running"
    work._write(work._path(token), found).replace(work._path(token))
    DBTaskResult.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(hours=5))
    assert work_queue.reap() == 0
    assert work_queue.length() == 0


def test_a_worker_that_is_told_to_end_queues_its_work_again():
    token = put()
    row = take()
    work_queue._leaving.set()
    run(row)
    assert work.find(token).state == "waiting"
    work_queue._leaving.clear()
    run(take())
    assert [token] == DONE


def test_what_waits_behind_a_page_says_so_and_says_when_no_worker_is_there(client):
    token = put()
    assert client.get("/readyz").content.decode() == "ok\nqueue: 1 waiting, worker: no"
    work.sign_of_life("one").touch()
    assert client.get("/readyz").content.decode() == "ok\nqueue: 1 waiting, worker: yes"
    run(take())
    assert client.get("/readyz").content.decode() == "ok\nqueue: 0 waiting, worker: yes"
    assert work.find(token).state == "done"


def test_a_supervisor_asks_whether_a_worker_is_there(capsys):
    with pytest.raises(CommandError, match="動いていません"):
        call_command("worker", "--check")
    work.sign_of_life("one").touch()
    call_command("worker", "--check")
    assert "動いています" in capsys.readouterr().out


def test_of_two_clicks_on_failed_work_only_one_begins_it_again(monkeypatch):
    """The second click comes while the first has seen that it failed, and has not yet begun."""
    token = put()
    work.give_up(token)
    asked = {"token": token, "kind": "test", "label": "数える", "by_name": "職員"}
    seen: list[bool] = []
    other = threading.Thread(target=lambda: seen.append(work.wait(**asked)))
    look = work.find

    def look_and_be_overtaken(token: str) -> work.Work | None:
        found = look(token)
        if threading.current_thread() is not other and not other.ident:
            other.start()
            other.join(0.5)  # it can't begin before the first has
        return found

    monkeypatch.setattr(work, "find", look_and_be_overtaken)
    seen.append(work.wait(**asked))
    other.join(10)
    assert sorted(seen) == [False, True]
    assert look(token).state == "waiting"


def test_a_lock_that_somebody_may_wait_for_is_never_cleaned_up():
    put()
    (lock,) = work._folder().glob("*.lock")
    os.utime(lock, (0, 0))
    work.clean_up()
    assert lock.exists()
