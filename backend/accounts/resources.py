"""The list of staff as a file: the same columns in and out, never a password."""

from __future__ import annotations

from typing import Any

from import_export import widgets

from backend.core.sheets import SheetMeta, SheetResource

from .models import Division, Staff
from .services import save_staff

COLUMNS = {
    "username": "ユーザー名",
    "display_name": "氏名",
    "division": "部署",
    "home": "所属",
    "is_supervisor": "監督者",
    "sees_protected": "支援措置対象者を見られる",
    "is_active": "有効",
}
_YES, _NO = {"はい", "○", "1", "true", "有効"}, {"", "いいえ", "×", "0", "false", "無効"}


class DivisionWidget(widgets.Widget):
    """The division by its name or its code; written by name."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = str(value or "").strip()
        for code, label in Division.choices:
            if text in (code, label):
                return str(code)
        raise ValueError(
            f"部署「{text}」はありません。次のどれかにしてください：{'、'.join(map(str, Division.labels))}"
        )

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(Division(value).label) if value else ""  # a preview compares with an account that is not there yet


class YesNo(widgets.Widget):
    """はい or いいえ; an empty cell is いいえ."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        text = str("" if value is None else value).strip().lower()
        if text in _YES or text in _NO:
            return text in _YES
        raise ValueError(f"「{value}」は読めません。「はい」か「いいえ」にしてください。")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "はい" if value else "いいえ"


class Text(widgets.Widget):
    """Text without blanks around it; numbers of a spreadsheet as they are seen."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value).strip()

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value or "")


_WIDGETS: dict[str, type[widgets.Widget]] = {
    "division": DivisionWidget,
    "is_supervisor": YesNo,
    "sees_protected": YesNo,
    "is_active": YesNo,
}


class StaffResource(SheetResource):
    """Known by the username: a new one makes an account without a usable password, a known one is changed."""

    columns = COLUMNS

    class Meta(SheetMeta):
        model = Staff
        fields = tuple(COLUMNS)
        import_order = export_order = tuple(COLUMNS)
        import_id_fields = ("username",)

    @classmethod
    def widget_of(cls, field: str) -> widgets.Widget:
        return _WIDGETS.get(field, Text)()

    def init_instance(self, row: Any = None) -> Staff:
        staff = Staff()
        staff.set_unusable_password()
        return staff

    def save_instance(self, instance: Staff, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Through the service, so that the audit row is written; a preview is rolled back as a whole."""
        save_staff(by=kwargs.get("user"), staff=instance)
