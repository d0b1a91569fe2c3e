from django.apps import AppConfig


class SuppliesConfig(AppConfig):
    name = "backend.supplies"
    label = "supplies"
    verbose_name = "物資"
    journal_kinds = "backend.supplies.entries.KINDS"
    journal_drop = "backend.supplies.apply.drop"
    journal_retimed = "backend.supplies.apply.retimed"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "supplies.request": "物資の要望",
        "supplies.answer": "物資の要望への回答・取下げ",
        "supplies.receive": "物資の受取",
        "supplies.hand_out": "物資の配布",
        "supplies.undo": "物資の記録の取消",
    }
