"""The two addresses that a monitor asks."""

from django.apps import apps
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database and the queue in it answer too, else 503. The second line is of the queue: what waits in it, and
    whether a worker looks after it (what pages need none for goes on without)."""
    said = "ok"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if apps.is_installed("django_tasks_db"):
            from . import work, work_queue

            worker = "yes" if work.is_looked_after() else "no"
            said += f"\nqueue: {work_queue.length()} waiting, worker: {worker}"
    except DatabaseError:
        return HttpResponse("database unavailable", status=503, content_type="text/plain")
    return HttpResponse(said, content_type="text/plain")
