"""What every template may know of the installation itself."""

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, object]:
    return {"municipality": settings.MUNICIPALITY, "demo": settings.DEMO, "role": settings.ROLE}
