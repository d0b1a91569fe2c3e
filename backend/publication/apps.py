from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "backend.publication"
    label = "publication"
    verbose_name = "公表"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "publication.published": "公表",
    }
