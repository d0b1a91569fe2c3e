"""The open data sheet in the administrator's pages (django-import-export): the same columns in and out."""

from __future__ import annotations

from typing import Any

from import_export import widgets

from backend.core.sheets import SheetMeta, SheetResource

from . import rules
from .models import Facility

_COLUMN = {field: column for column, field in rules.COLUMNS.items()}


class Flag(widgets.Widget):
    """1 or empty, as the sheet has it (never 0)."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        return rules.read_flag("" if value is None else str(value))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "1" if value else ""


class EmptyIsNone(widgets.CharWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str | None:
        return None if value is None else str(value).strip() or None


def _widget(field: str) -> widgets.Widget:
    if field in rules.HAZARDS or field == "also_shelter":
        return Flag()
    if field in {"latitude", "longitude", "elevation"}:
        return widgets.DecimalWidget()
    return EmptyIsNone() if field == "open_data_id" else widgets.CharWidget(allow_blank=True)


class FacilityResource(SheetResource):
    columns = _COLUMN

    class Meta(SheetMeta):
        model = Facility
        fields = tuple(_COLUMN)
        import_order = export_order = tuple(_COLUMN)
        import_id_fields = ("open_data_id",)

    @classmethod
    def widget_of(cls, field: str) -> widgets.Widget:
        return _widget(field)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Headers of other years and widths are read as the sheet's own."""
        found = rules.read_header([str(header) for header in dataset.headers])
        dataset.headers = [
            _COLUMN[found[place]] if place in found else header for place, header in enumerate(dataset.headers)
        ]

    def get_instance(self, instance_loader: Any, row: Any) -> Facility | None:
        """By ID; a row without one by name and address."""
        key = str(row.get(_COLUMN["open_data_id"]) or "").strip()
        if key:
            return Facility.objects.filter(open_data_id=key).first()
        place = {"name": row.get(_COLUMN["name"]) or "", "address": row.get(_COLUMN["address"]) or ""}
        return Facility.objects.filter(open_data_id=None, **place).first()

    def before_save_instance(self, instance: Facility, row: Any, **kwargs: Any) -> None:
        instance.capacity = rules.read_capacity(instance.capacity_text)
