from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "backend.journal"
    label = "journal"
    verbose_name = "現場記録"
    journal_kinds = "backend.journal.entries.KINDS"
    journal_drop = "backend.journal.apply.drop"
