"""Who may do what: one table of rights by division, asked by pages, services and the API alike.

Every refusal names the divisions that may, so that the person knows whom to go to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from rest_framework.permissions import BasePermission

from backend.core.errors import Forbidden

from .models import Division, Staff

D = Division
PERSONAL_PAGES = {D.SHELTER, D.TAX, D.WELFARE, D.HOUSING, D.SUPPLIES, D.ACCOUNTING, D.REGISTER, D.AUDITOR}

# right -> (what it is, in the words of a refusal; divisions that hold it)
RIGHTS: dict[str, tuple[str, set[Division]]] = {
    "people.search": ("検索", PERSONAL_PAGES),
    "household.read": ("世帯の閲覧", PERSONAL_PAGES - {D.SUPPLIES}),
    "household.write": ("台帳世帯の登録・連絡先の記入", {D.TAX, D.WELFARE, D.REGISTER, D.SHELTER}),
    "household.decide": ("世帯の認定・異動", {D.TAX, D.WELFARE, D.REGISTER}),
    "letters.write": ("返戻の記録", {D.TAX, D.WELFARE, D.REGISTER, D.HOUSING, D.ACCOUNTING}),
    "register.read": ("住民記録の取込結果の閲覧", {D.REGISTER, D.AUDITOR}),
    "register.write": ("住民記録の取込", {D.REGISTER}),
    "rolls.read": ("課税台帳の取込結果の閲覧", {D.TAX, D.AUDITOR}),
    "rolls.write": ("課税台帳の取込", {D.TAX}),
    "houses.read": ("家屋の閲覧", {D.TAX, D.WELFARE, D.HOUSING, D.AUDITOR}),
    "houses.write": ("家屋と世帯のつながりの確認", {D.TAX}),
    "houses.map": ("地図の閲覧", PERSONAL_PAGES | {D.PUBLICITY, D.ADMINISTRATOR}),
    "disaster.open": ("災害の開設", {D.REGISTER}),
    "disaster.read": ("災害の一覧", PERSONAL_PAGES | {D.PUBLICITY, D.ADMINISTRATOR}),
    "matching.read": ("名寄せの閲覧", {D.REGISTER, D.SHELTER, D.WELFARE, D.TAX, D.AUDITOR}),
    "matching.evacuees": ("避難者の名寄せの閲覧", {D.REGISTER, D.SHELTER, D.WELFARE, D.AUDITOR}),
    "matching.decide": ("名寄せの判断", {D.REGISTER, D.SHELTER, D.WELFARE, D.TAX}),
    "protection.ask": ("秘匿希望の受付", PERSONAL_PAGES - {D.AUDITOR}),
    "protection.lift": ("秘匿の解除", PERSONAL_PAGES - {D.AUDITOR}),
    "shelters.read": ("避難所の名簿の閲覧", {D.SHELTER, D.WELFARE, D.AUDITOR}),
    "shelters.write": ("避難所の開設・入退所の記録", {D.SHELTER}),
    "help.write": ("避難行動要支援者名簿の取込", {D.WELFARE, D.SHELTER}),
    "welfare.write": ("福祉避難所の調整", {D.SHELTER, D.WELFARE}),
    "exchange.read": ("他機関とのやりとりの閲覧", {D.SHELTER, D.WELFARE, D.AUDITOR}),
    "exchange.take": ("他機関のファイルの取込", {D.SHELTER, D.WELFARE}),
    "exchange.send": ("避難者の情報の他機関への提供", {D.SHELTER, D.WELFARE}),
    "contacts.write": ("居場所の聞き取り・連絡の記録", {D.SHELTER, D.WELFARE}),
    "shelters.counts": ("避難者数の閲覧", set(Division)),
    "supplies.read": ("物資の要望の閲覧", {D.SHELTER, D.SUPPLIES, D.WELFARE, D.AUDITOR}),
    "supplies.write": ("物資の要望・回答・配布の記録", {D.SHELTER, D.SUPPLIES}),
    "certificates.read": ("証明書の交付状況の閲覧", {D.TAX, D.WELFARE, D.AUDITOR}),
    "certificates.issue": ("被災証明書の交付", {D.TAX}),
    "damage.read": ("家屋の調査と判定の閲覧", {D.TAX, D.WELFARE, D.HOUSING, D.AUDITOR}),
    "applications.write": ("罹災証明書の申請の受付", {D.TAX}),
    "surveys.write": ("家屋の調査の記録", {D.TAX}),
    "judgements.make": ("被害の判定の起案", {D.TAX}),
    "judgements.confirm": ("被害の判定の確認", {D.TAX}),
    "seals.ask": ("公印の画像の申請", {D.TAX, D.ADMINISTRATOR}),
    "seals.approve": ("公印の画像の承認", {D.TAX}),
    "wordings.ask": ("証明書の文面の変更の申請", {D.TAX, D.ADMINISTRATOR}),
    "wordings.approve": ("証明書の文面の承認", {D.TAX}),
    "held.read": ("印刷できない文字のある文書の閲覧", {D.TAX, D.AUDITOR}),
    "held.decide": ("印刷できない文字の扱いの決定", {D.TAX}),
    "characters.read": ("外字対応表と書体の閲覧", {D.ADMINISTRATOR, D.REGISTER, D.TAX, D.AUDITOR}),
    "characters.write": ("外字対応表の登録", {D.ADMINISTRATOR}),
    "disclosure.read": ("台帳情報の提供の閲覧", {D.WELFARE, D.REGISTER, D.TAX, D.HOUSING, D.SHELTER, D.AUDITOR}),
    "disclosure.ask": ("台帳情報の提供の起案と引渡し", {D.WELFARE, D.REGISTER, D.TAX, D.HOUSING, D.SHELTER}),
    "disclosure.approve": ("台帳情報の提供の承認", {D.WELFARE, D.REGISTER}),
    "consent.write": ("提供への同意の記録", {D.WELFARE, D.REGISTER, D.TAX, D.HOUSING, D.SHELTER}),
    "publication.read": ("公表内容の閲覧", set(Division)),
    "publication.write": ("公表", {D.PUBLICITY}),
    "facilities.write": ("施設の登録", {D.ADMINISTRATOR}),
    "accounts.write": ("職員の登録", {D.ADMINISTRATOR}),
    "devices.write": ("避難所の端末の登録・失効・名簿の鍵の受け渡し", {D.ADMINISTRATOR}),
    "journal.read": ("現場記録の受け取り状況の閲覧", {D.ADMINISTRATOR, D.SHELTER, D.AUDITOR}),
    "journal.settle": ("食い違い・受け付けなかった記録の解決", {D.SHELTER}),
    # Nobody signs in for it: laptops that have joined, by their own secret.
    "journal.sync": ("端末の同期", set()),
    "logs.read": ("閲覧記録・操作記録の確認", {D.AUDITOR}),
}
# Rights that also need a mark on the person, not only on the division.
PERSONAL_MARK = {
    "protection.lift": "is_supervisor",
    "disclosure.approve": "is_supervisor",
    "seals.approve": "is_supervisor",
    "wordings.approve": "is_supervisor",
    "exchange.send": "is_supervisor",
}


def may(staff: Any, right: str) -> bool:
    """Whether this person holds the right. Unknown rights are an error of the programmer: KeyError."""
    _, divisions = RIGHTS[right]
    if not isinstance(staff, Staff) or not staff.is_active or staff.division not in divisions:
        return False
    mark = PERSONAL_MARK.get(right)
    return bool(getattr(staff, mark)) if mark else True


def require(staff: Any, right: str) -> None:
    """Raise `Forbidden`, naming who may, unless this person holds the right."""
    if may(staff, right):
        return
    what, divisions = RIGHTS[right]
    who = "、".join(str(Division(d).label) for d in Division.values if d in divisions)
    extra = "の監督者" if right in PERSONAL_MARK else ""
    raise Forbidden(f"「{what}」は{who}{extra}が行えます。担当の方に依頼してください。")


def needs(right: str) -> Callable:
    """Decorator of a view: only those who hold the right come in. Marks the view for the walk over all addresses."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            require(request.user, right)
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return decorate


class ClosedByDefault(BasePermission):
    """An API view says which right it needs as `right` (or `rights` by method); one that says nothing is closed."""

    def has_permission(self, request: Any, view: Any) -> bool:
        right = getattr(view, "rights", {}).get(request.method) or getattr(view, "right", None)
        if right is None:
            # The OpenAPI document is for everybody who may sign in.
            return view.__class__.__name__ == "SpectacularAPIView" and request.user.is_authenticated
        if not request.user.is_authenticated:
            return False
        require(request.user, right)
        return True
