from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    name = "backend.facilities"
    label = "facilities"
    verbose_name = "施設"
    # Plain values: this room stands above the journal and does not import it.
    journal_kinds = "backend.facilities.entries.KINDS"
    laptop_pack = {"give": "backend.facilities.packing.give", "take": "backend.facilities.packing.take"}
    journal_drop = "backend.facilities.apply.drop"
    journal_retimed = "backend.facilities.apply.retimed"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "facilities.import": "施設の取込",
        "facilities.add_place": "避難所の場所の追加",
        "facilities.facility_added": "施設の登録",
        "facilities.facility_changed": "施設の変更",
        "facilities.facility_deleted": "施設の削除",
        "facilities.facility_imported": "施設の取込（管理画面）",
    }
