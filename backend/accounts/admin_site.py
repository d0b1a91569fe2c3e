"""Django's admin as the administrator's page for staff and facilities; nobody else gets in."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest


class TasukiAdminConfig(AdminConfig):
    default_site = "backend.accounts.admin_site.TasukiAdminSite"


class TasukiAdminSite(AdminSite):
    site_header = "Tasuki 管理"
    site_title = "Tasuki 管理"
    index_title = "職員と施設"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        from .permissions import may

        return may(request.user, "accounts.write")
