from django.urls import path

from . import views

app_name = "matching"
urlpatterns = [
    path("", views.index, name="index"),
    path("next/", views.take, name="take"),
    path("run/", views.run, name="run"),
    path("undo/", views.undo, name="undo"),
    path("list/", views.listed, name="list"),
    path("assign/", views.assignments, name="assignments"),
    path("assign/<uuid:row>/", views.assign, name="assign"),
    path("<uuid:record>/", views.case, name="case"),
    path("<uuid:record>/decide/", views.decide, name="decide"),
    path("<uuid:record>/confirm/", views.confirm, name="confirm"),
    path("<uuid:record>/later/", views.later, name="later"),
    path("<uuid:record>/apart/", views.apart, name="apart"),
]
