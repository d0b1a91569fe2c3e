"""Django's `flush` empties every table, the books that only grow among them: never outside the test runner."""

from typing import Any

from django.core import mail
from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections

from backend.accounts.append_only import lifted


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        # Django's test environment, and nothing else, has an outbox.
        if not hasattr(mail, "outbox"):
            raise CommandError(
                "閲覧記録と操作記録は消せません。新しく始めるときは、新しいデータベースを用意してください。"
            )
        with lifted(connections[options["database"]]):
            super().handle(**options)
