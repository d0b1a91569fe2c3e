from django.urls import URLPattern, URLResolver, include, path

app_name = "damage"
urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates/", include("backend.damage.certificates.urls")),
]
