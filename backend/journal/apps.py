from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "backend.journal"
    label = "journal"
    verbose_name = "現場記録"
    journal_kinds = "backend.journal.entries.KINDS"
    journal_drop = "backend.journal.apply.drop"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "journal.make_ready": "避難所の端末の準備",
        "journal.join": "避難所の端末の登録",
        "journal.revoke": "避難所の端末の失効",
        "journal.release": "名簿の鍵の受け渡し",
        "journal.settle_refused": "受け付けなかった記録の解決",
        "journal.settle_conflict": "食い違いの解決",
        "journal.import_bundle": "端末の記録の取込（USB）",
    }
