from django.contrib import admin
from django.http import HttpRequest

from backend.accounts.admin_base import TasukiModelAdmin

from .models import DocumentKind


@admin.register(DocumentKind)
class DocumentKindAdmin(TasukiModelAdmin):
    """Names and wording of the papers. Papers that are out keep the words they were issued with."""

    right = "accounts.write"
    list_display = ["title", "mark", "department"]
    readonly_fields = ["key"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
