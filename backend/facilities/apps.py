from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    name = "backend.facilities"
    label = "facilities"
    verbose_name = "施設"
