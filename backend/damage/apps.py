from django.apps import AppConfig


class DamageConfig(AppConfig):
    name = "backend.damage"
    label = "damage"
    verbose_name = "被災証明"

    # Where a paper of each kind is issued, for the list of held ones.
    paper_pages = {"hisai": "damage:issue"}

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "damage.bulk_begin": "一括交付の開始",
        "damage.bulk_left_out": "一括交付から除いた世帯の記録",
        "damage.bulk_file": "一括交付のファイルの書き込み",
        "damage.bulk_end": "一括交付の終了",
    }
