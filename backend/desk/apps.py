from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "backend.desk"
    label = "desk"
    verbose_name = "職員画面"
