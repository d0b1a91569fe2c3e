from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "backend.accounts"
    label = "accounts"
    verbose_name = "職員と権限"
    # What a shelter's laptop carries of this room (journal.packs).
    laptop_pack = {"give": "backend.accounts.packing.give", "take": "backend.accounts.packing.take"}

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "accounts.created": "職員の登録",
        "accounts.changed": "職員の変更",
        "accounts.mark_given": "権限の付与",
        "accounts.mark_taken": "権限の取消",
        "accounts.password_issued": "仮パスワードの発行",
        "accounts.password_changed": "パスワードの変更",
        "accounts.unlocked": "ロックの解除",
        "accounts.signed_in": "ログイン",
        "accounts.signed_out": "ログアウト",
        "accounts.reason_changed": "業務の理由の変更",
        "accounts.staff_imported": "職員の取込（管理画面）",
    }
