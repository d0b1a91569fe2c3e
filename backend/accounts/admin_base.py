"""What every admin page of the house shares: rights from our table, an audit row for each change, CSV and XLSX.

    @admin.register(Facility)
    class FacilityAdmin(TasukiImportExportAdmin):
        right = "facilities.write"
        resource_classes = [FacilityResource]

`is_staff`, groups and Django's permission tables decide nothing here.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX
from import_export.results import RowResult

from backend.core.downloads import csv_answer

from .models import AccessLog
from .permissions import may
from .services import audit, log_access


class TasukiModelAdmin(admin.ModelAdmin):
    """`right` is the right of permissions.py that opens every page of this table; `may_delete` is off by default."""

    right: str = ""
    may_delete = False

    def _may(self, request: HttpRequest) -> bool:
        return may(request.user, self.right)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and self._may(request)

    # Django calls these three inside the transaction of the change itself.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.write_down(request, "added", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.write_down(request, "changed", obj, fields=_changed_fields(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        with transaction.atomic():
            for obj in queryset:
                self.write_down(request, "deleted", obj)
            return super().log_deletions(request, queryset)

    def write_down(self, request: HttpRequest, verb: str, obj: Any, **detail: Any) -> None:
        """The audit row of a change. Override with nothing where the room's service writes its own."""
        name = f"{self.opts.app_label}.{self.opts.model_name}"
        audit(by=request.user, act=f"{name}_{verb}", subject=f"{self.opts.model_name}:{obj.pk}", **detail)  # type: ignore[arg-type]


def _changed_fields(message: Any) -> list[str]:
    if not isinstance(message, list):
        return []
    return [field for part in message for field in part.get("changed", {}).get("fields", [])]


class OfficeCSV(CSV):
    """CSV as spreadsheets in Japan write it: UTF-8 with or without a byte order mark, or Shift_JIS. Written with one."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> Any:
        try:
            text = in_stream.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = in_stream.decode("cp932")
        return super().create_dataset(text, **kwargs)

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        text: str = super().export_data(dataset, **kwargs)
        return text.encode("utf-8-sig")


class TasukiImportExportAdmin(TasukiModelAdmin, ImportExportModelAdmin):
    """The same with import (preview first, all or nothing) and export."""

    formats = [OfficeCSV, XLSX]
    # The audit book has it; Django's own log would repeat it.
    skip_admin_log = True
    import_export_change_list_template = "admin/change_list_files.html"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_csv"
        return [path("csv/", self.admin_site.admin_view(self.csv_view), name=name), *super().get_urls()]

    def csv_view(self, request: HttpRequest) -> HttpResponse:
        """The whole list as CSV, also in Shift_JIS: then first a page that says what that could not carry."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request)
        self.note_export(request, rows)
        dataset = self.resource_classes[0]().export(rows)
        return csv_answer(request, [dataset.headers, *dataset], f"{self.opts.verbose_name_plural}.csv")

    def note_export(self, request: HttpRequest, rows: QuerySet) -> None:
        log_access(
            by=request.user,  # type: ignore[arg-type]
            what=AccessLog.What.EXPORT,
            subject=f"{self.opts.app_label}.{self.opts.model_name}",
            hits=rows.count(),
        )

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        with transaction.atomic():
            result = super().process_dataset(dataset, form, request, **kwargs)
            if not result.has_errors() and not result.has_validation_errors():
                self.write_down_import(request, result)
            return result

    def write_down_import(self, request: HttpRequest, result: Any) -> None:
        """One audit row a file: how many rows were new, how many changed."""
        audit(
            by=request.user,  # type: ignore[arg-type]
            act=f"{self.opts.app_label}.{self.opts.model_name}_imported",
            new=result.totals[RowResult.IMPORT_TYPE_NEW],
            updated=result.totals[RowResult.IMPORT_TYPE_UPDATE],
        )

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: Any, **kwargs: Any) -> Any:
        self.note_export(request, queryset)
        return super().get_export_data(file_format, request, queryset, **kwargs)
