from django.urls import path

from . import book_views, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.logout, name="logout"),
    path("reason/", views.reason, name="reason"),
    path("password/", views.password, name="password"),
    path("access-log/", book_views.access_log, name="access_log"),
    path("audit-log/", book_views.audit_log, name="audit_log"),
]
