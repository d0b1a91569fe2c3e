from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "backend.shelters"
    label = "shelters"
    verbose_name = "避難所"
    journal_kinds = "backend.shelters.entries.KINDS"
    journal_drop = "backend.shelters.apply.drop"
