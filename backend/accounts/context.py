"""The navigation: only doors that this person may open are shown."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from .permissions import may

# (label, url name, right)
DOORS = [
    ("検索", "desk:search", "people.search"),
    ("避難所", "shelters:index", "shelters.counts"),
    ("被災証明", "damage:index", "certificates.read"),
    ("返戻", "desk:returned", "letters.write"),
    ("情報の提供", "disclosures:index", "disclosure.read"),
    ("公表", "publication:index", "publication.read"),
    ("名寄せ", "matching:index", "matching.read"),
    ("住民記録", "registry:index", "register.read"),
    ("家屋", "houses:index", "houses.read"),
    ("地図", "map:page", "houses.map"),
    ("課税台帳", "rolls:index", "rolls.read"),
    ("災害", "ledger:index", "disaster.read"),
    ("文字", "characters:index", "characters.read"),
    ("記録の確認", "accounts:access_log", "logs.read"),
    ("職員・施設", "admin:index", "accounts.write"),
]


def navigation(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    doors = []
    for label, name, right in DOORS:
        if not may(user, right):
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:  # the room is not installed here (a laptop has fewer)
            continue
        doors.append({"label": label, "url": url, "current": request.path.startswith(url)})
    settings_url = reverse("accounts:reason")
    doors.append({"label": "自分の設定", "url": settings_url, "current": request.path == settings_url})
    return {"nav": doors}
