from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("households/<uuid:household_id>/", views.issue, name="issue"),
    path("<uuid:issue_id>/", views.document, name="document"),
    path("<uuid:issue_id>/<int:number>.pdf", views.pdf, name="pdf"),
    path("<uuid:issue_id>/copy/", views.copy, name="copy"),
    path("<uuid:issue_id>/withdraw/", views.withdraw, name="withdraw"),
]
