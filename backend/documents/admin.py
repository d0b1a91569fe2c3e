from django.contrib import admin
from django.http import HttpRequest

from backend.accounts.admin_base import TasukiModelAdmin

from .models import DocumentKind


@admin.register(DocumentKind)
class DocumentKindAdmin(TasukiModelAdmin):
    """Marks and numbers of the papers. Their words are changed where another one approves them (`wordings`)."""

    right = "accounts.write"
    list_display = ["title", "mark", "department"]
    readonly_fields = ["key", "title", "statement", "note", "department"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
