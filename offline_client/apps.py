from django.apps import AppConfig


class LaptopConfig(AppConfig):
    name = "offline_client"
    label = "laptop"
    verbose_name = "避難所の端末"
    default_auto_field = "django.db.models.BigAutoField"
