from django.apps import AppConfig


class LaptopConfig(AppConfig):
    name = "offline_client"
    label = "laptop"
    verbose_name = "避難所の端末"
    default_auto_field = "django.db.models.BigAutoField"
    journal_wrote = "offline_client.share.devices.note_written"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "laptop.let_in": "機器の追加（避難所内の共有）",
        "laptop.cut": "機器の切断",
        "laptop.cut_all": "すべての機器の切断",
    }

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_login_failed
        from django.core.signals import request_finished, request_started

        from .cipher import resting
        from .share import devices

        request_started.connect(resting.work, dispatch_uid="laptop.work")
        request_finished.connect(resting.rest, dispatch_uid="laptop.rest")
        user_logged_in.connect(devices.note_sign_in, dispatch_uid="laptop.signed_in")
        user_login_failed.connect(devices.note_wrong_login, dispatch_uid="laptop.wrong_login")
