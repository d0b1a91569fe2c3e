from django.apps import AppConfig


class DamageConfig(AppConfig):
    name = "backend.damage"
    label = "damage"
    verbose_name = "被災証明"
