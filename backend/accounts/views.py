"""Log-in, one's own reason and password, log-out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout as sign_out
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from . import idle, reasons, services
from .forms import LoginForm, OwnPasswordForm, ReasonFields


class Login(LoginView):
    """Anybody may open it; whoever is signed in already is sent on."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return _home()

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        code = form.cleaned_data["reason"]
        reasons.keep(self.request.session, code, form.cleaned_data["note"])
        services.note_sign_in(by=form.get_user(), reason=code)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(idle_minutes=idle.minutes(), session_hours=idle.hours(), **kwargs)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    services.note_sign_out(by=request.user)  # type: ignore[arg-type]
    sign_out(request)
    messages.success(request, "ログアウトしました。")
    return redirect("accounts:login")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reason(request: HttpRequest) -> HttpResponse:
    """One's own settings: the reason of today's work, and the way to the password page."""
    kept = reasons.kept(request.session)
    form = ReasonFields(request.POST or None, initial={"reason": kept.get("code"), "note": kept.get("note")})
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["reason"]
        reasons.keep(request.session, code, form.cleaned_data["note"])
        services.note_new_reason(by=request.user, reason=code)  # type: ignore[arg-type]
        messages.success(request, "業務の理由を変えました。")
        return redirect("accounts:reason")
    context = {"form": form, "kept": kept, "idle_minutes": idle.minutes(), "session_hours": idle.hours()}
    return render(request, "accounts/reason.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Give oneself a new password; with a temporary one, every other page leads here."""
    user: Any = request.user
    temporary = user.temporary_until is not None
    form = OwnPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.change_password(by=user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        messages.success(request, "パスワードを変えました。次からは新しいパスワードでログインしてください。")
        return redirect(_home() if temporary else "accounts:reason")
    context = {"form": form, "temporary": temporary}
    return render(request, "accounts/password.html", context, status=422 if form.errors else 200)


def _home() -> str:
    """The first page: of the desk, or where there is none (a shelter's laptop) of the shelters."""
    for name in ("desk:home", "shelters:index"):
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return reverse("accounts:reason")
