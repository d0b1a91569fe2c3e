from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "backend.publication"
    label = "publication"
    verbose_name = "公表"
