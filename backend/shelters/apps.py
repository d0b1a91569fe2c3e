from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "backend.shelters"
    label = "shelters"
    verbose_name = "避難所"
