"""Tables that go out and come in as a sheet with Japanese columns (django-import-export), the same columns both ways."""

from __future__ import annotations

from typing import Any

from import_export import fields, resources, widgets


class SheetMeta:
    """What every such table is taken with: unchanged rows are passed over, and a file is one transaction."""

    skip_unchanged = True
    report_skipped = True
    clean_model_instances = True
    use_transactions = True


class SheetResource(resources.ModelResource):
    """`columns`: field -> its column in the sheet. `widget_of` says how a field is read and written."""

    columns: dict[str, str] = {}

    @classmethod
    def widget_of(cls, field: str) -> widgets.Widget:
        raise NotImplementedError

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> fields.Field:
        return fields.Field(attribute=field_name, column_name=cls.columns[field_name], widget=cls.widget_of(field_name))
