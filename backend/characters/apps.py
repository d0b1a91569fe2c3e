from django.apps import AppConfig


class CharactersConfig(AppConfig):
    name = "backend.characters"
    label = "characters"
    verbose_name = "文字"

    # How pages show what no machine is sure to have a font for; read by the filter `shown` without importing us.
    shows_characters = "backend.characters.queries.shown"

    # The acts of this room in the audit book, in words.
    audit_acts = {"characters.load_map": "外字対応表の登録"}
