"""Django's admin as the administrator's page for staff and facilities; nobody else gets in.

Closed by default: only tables whose admin class names its right (`TasukiModelAdmin`) are taken up at all, so that what
a library brings along (groups, lock-out tables) never appears, whatever Django's own permission tables say.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

RIGHT = "accounts.write"


class TasukiAdminConfig(AdminConfig):
    default_site = "backend.accounts.admin_site.TasukiAdminSite"


class TasukiAdminSite(AdminSite):
    site_header = "Tasuki 管理"
    site_title = "Tasuki 管理"
    index_title = "職員と施設"
    site_url = "/desk/"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        if getattr(admin_class, "right", None):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        from .permissions import may

        return may(request.user, RIGHT)

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        """Strangers were sent to the log-in page by the middleware; others are told whose page this is."""
        from .permissions import needs

        return needs(RIGHT)(super().admin_view(view, cacheable))

    # The house has one log-in, one log-out and one password page.
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("accounts:login")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        from .views import logout

        return logout(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("accounts:password")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Iterable[Any]:  # type: ignore[override]
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: app["app_label"] != "accounts")
