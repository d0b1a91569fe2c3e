from django.urls import path

from . import views
from .layouts import views as layout_views
from .towns import views as town_views

app_name = "registry"
urlpatterns = [
    path("", views.index, name="index"),
    path("towns/", town_views.index, name="towns"),
    path("upload/", views.upload, name="upload"),
    path("upload/<str:token>/", views.preview_page, name="preview"),
    path("upload/<str:token>/columns/", layout_views.columns, name="columns"),
    path("layouts/", layout_views.index, name="layouts"),
    path("layouts/<int:pk>.yaml", layout_views.as_yaml, name="layout_file"),
    path("upload/<str:token>/take/", views.start, name="start"),
    path("upload/<str:token>/discard/", views.discard, name="discard"),
    path("work/<str:token>/", views.work_page, name="work"),
    path("work/<str:token>/stop/", views.stop, name="stop"),
    path("files/<int:pk>/", views.file_page, name="file"),
    path("files/<int:pk>/set-aside.csv", views.set_aside, name="set_aside"),
]
