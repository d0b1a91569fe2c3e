"""Which address opens which room. The role decides which side of the house is there at all."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView, TemplateView

from backend.core import views as core

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", core.healthz, name="healthz"),
    path("readyz", core.readyz, name="readyz"),
]

if settings.INSIDE:
    from django.contrib import admin
    from drf_spectacular.views import SpectacularAPIView

    urlpatterns += [
        path("desk/", include("backend.desk.urls")),
        path("desk/accounts/", include("backend.accounts.urls")),
        path("desk/facilities/", include("backend.facilities.urls")),
        path("desk/characters/", include("backend.characters.urls")),
        path("desk/register/", include("backend.registry.urls")),
        path("desk/rolls/", include("backend.registry.rolls.urls")),
        path("desk/map/", include("backend.ledger.houses.map_urls")),
        path("desk/houses/", include("backend.ledger.houses.urls")),
        path("desk/disasters/", include("backend.ledger.opening.urls")),
        path("desk/ledger/households/", include("backend.ledger.households.urls")),
        path("desk/ledger/letters/", include("backend.ledger.letters.urls")),
        path("desk/matching/", include("backend.ledger.matching.urls")),
        path("desk/disclosures/", include("backend.ledger.disclosures.urls")),
        path("desk/shelters/", include("backend.shelters.urls")),
        path("desk/centre/", include("backend.shelters.centre_urls")),
        path("desk/supplies/", include("backend.supplies.urls")),
        path("desk/journal/", include("backend.journal.urls")),
        path("desk/documents/", include("backend.documents.urls")),
        path("desk/damage/", include("backend.damage.surveys.urls")),
        path("desk/damage/applications/import/", include("backend.damage.imports.urls")),
        path("desk/damage/applications/online/", include("backend.damage.online.urls")),
        path("desk/damage/applications/", include("backend.damage.applications.urls")),
        path("desk/damage/houses/", include("backend.damage.houses.urls")),
        path("desk/damage/judgements/", include("backend.damage.judgements.urls")),
        path("desk/damage/progress/", include("backend.damage.progress.urls")),
        path("desk/", include("backend.damage.urls")),
        path("desk/publication/", include("backend.publication.urls")),
        path("desk/ui/", TemplateView.as_view(template_name="core/gallery.html"), name="gallery"),
        path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
        path("api/v1/", include("backend.desk.api_urls")),
        path("admin/", admin.site.urls),
    ]

if settings.OUTSIDE:
    urlpatterns += [path("", include("backend.gateway.urls"))]
else:  # whoever types the name of the server alone
    urlpatterns += [path("", RedirectView.as_view(pattern_name="desk:home"))]
