"""The navigation: only doors that this person may open are shown."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from .permissions import may

# (label, url name, right, what one does there: said on the first page)
DOORS = [
    ("検索", "desk:search", "people.search", "世帯・人を、名前や番号で探す"),
    ("避難所", "shelters:index", "shelters.counts", "受付・退所、名簿と人数"),
    ("本部", "centre:headquarters", "shelters.read", "どの避難所から連絡があったか、食い違いの解決"),
    ("物資", "supplies:index", "supplies.read", "避難所からの要望、配布の記録"),
    ("本部とのやり取り", "laptop:state", "shelters.counts", "送った記録、受け取った記録"),
    ("端末と同期", "journal:index", "journal.read", "避難所の端末と、届いた記録の確認"),
    ("罹災の申請", "applications:index", "damage.read", "罹災証明書の申請の受付、照合、どこまで進んだか"),
    ("家屋の調査", "surveys:index", "damage.read", "調査を待つ家屋、調査票の入力、被害の判定"),
    ("進みぐあい", "progress:index", "damage.read", "申請から証明書までどこまで進んだか、被害の報告"),
    ("証明書", "damage:index", "certificates.read", "罹災証明書・被災証明書の交付と再交付"),
    ("返戻", "desk:returned", "letters.write", "返ってきた郵便を記録する"),
    ("情報の提供", "disclosures:index", "disclosure.read", "台帳の情報をほかに渡す"),
    ("公表", "publication:index", "publication.read", "開設中の避難所と人数を出す"),
    ("名寄せ", "matching:index", "matching.read", "手で入力された方が誰かを決める"),
    ("住民記録", "registry:index", "register.read", "全件・異動ファイルの取込"),
    ("家屋", "houses:index", "houses.read", "家屋と世帯のつながり"),
    ("地図", "map:page", "houses.map", "建物と家屋を地図で見る"),
    ("課税台帳", "rolls:index", "rolls.read", "家屋・所得の課税台帳の取込"),
    ("災害", "ledger:index", "disaster.read", "災害の開設、台帳の状態"),
    ("文字", "characters:index", "characters.read", "外字対応表と書体"),
    ("記録の確認", "accounts:access_log", "logs.read", "だれが何を見て、何をしたか"),
    ("職員・施設", "admin:index", "accounts.write", "アカウントと施設の登録"),
]


def navigation(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    doors: list[dict[str, Any]] = []
    for label, name, right, note in DOORS:
        if not may(user, right):
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:  # the room is not installed here (a laptop has fewer)
            continue
        doors.append({"label": label, "url": url, "note": note, "current": request.path.startswith(url)})
    # Of a page that lies inside another's address only the nearer door is the one where one stands.
    nearest = max((door["url"] for door in doors if door["current"]), key=len, default="")
    for door in doors:
        door["current"] = door["current"] and door["url"] == nearest
    settings_url = reverse("accounts:reason")
    own = {"label": "自分の設定", "note": "今日の業務の理由、パスワード"}
    doors.append({**own, "url": settings_url, "current": request.path == settings_url})
    return {"nav": doors}
