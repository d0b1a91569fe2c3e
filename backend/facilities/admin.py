from django.contrib import admin
from django.http import HttpRequest

from backend.accounts.admin_base import TasukiImportExportAdmin

from .models import Facility
from .resources import FacilityResource


@admin.register(Facility)
class FacilityAdmin(TasukiImportExportAdmin):
    """Places, for the administrator. One that is no longer used is set inactive; nothing is deleted."""

    right = "facilities.write"
    resource_classes = [FacilityResource]
    list_display = ["name", "kind", "address", "phone", "capacity", "active", "published"]
    list_filter = ["kind", "active", "published", "also_shelter"]
    search_fields = ["name", "kana", "address", "open_data_id"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
