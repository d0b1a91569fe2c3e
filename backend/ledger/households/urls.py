from django.urls import path

from . import views

app_name = "households"
urlpatterns = [
    path("<uuid:household_id>/decide/", views.decide, name="decide"),
    path("decisions/<uuid:decision_id>/", views.decision, name="decision"),
    path("decisions/<uuid:decision_id>/undo/", views.undo, name="undo"),
    path("assign/<uuid:row>/", views.assign, name="assign"),
    path("disasters/<uuid:disaster_id>/", views.index, name="index"),
]
