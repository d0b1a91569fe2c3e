from django.apps import AppConfig


class DamageConfig(AppConfig):
    name = "backend.damage"
    label = "damage"
    verbose_name = "被災証明"

    # Where a paper of each kind is issued, for the list of held ones.
    paper_pages = {"hisai": "damage:issue"}
