from django.urls import URLPattern

app_name = "damage"
urlpatterns: list[URLPattern] = []
