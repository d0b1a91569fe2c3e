from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "backend.registry"
    label = "registry"
    verbose_name = "住民記録"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "registry.take_file": "住民記録の取込",
        "registry.save_layout": "列の対応表の保存",
        "registry.rebuild": "基準日住民記録の作成",
        "registry.take_house_roll": "家屋課税台帳の取込",
        "registry.take_towns": "町字の一覧の取込",
        "registry.take_income_roll": "所得・住民税の課税台帳の取込",
    }
