from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from backend.core.forms import JapaneseForm
from backend.documents.models import IssueCopy

Receiver, IdChecked = IssueCopy.Receiver, IssueCopy.IdChecked
RECEIVERS = [(one.value, one.label) for one in (Receiver.MEMBER, Receiver.AGENT, Receiver.POST)]
SEEN = [choice for choice in IdChecked.choices if choice[0] != IdChecked.POSTED]


class HandOverForm(JapaneseForm):
    """Who takes the paper, and which kind of document was seen (never its number)."""

    receiver = forms.ChoiceField(label="受け取る人", choices=RECEIVERS, widget=forms.RadioSelect, initial="member")
    id_checked = forms.ChoiceField(
        label="本人確認", choices=[("", "選んでください"), *SEEN], help_text="番号は記録しません。"
    )


class IssueForm(HandOverForm):
    purpose = forms.CharField(label="使用目的", max_length=60, initial="被災者支援の手続き")
    place = forms.CharField(
        label="被災場所", max_length=200, required=False, help_text="住所と違うところで被災したときだけ直してください。"
    )
    restricted = forms.BooleanField(
        label="秘匿の対象の方ご本人に渡す（秘匿の方も記載する）",
        required=False,
        help_text="ほかの世帯員には渡せません。",
    )
    field_order = ["purpose", "place", "receiver", "id_checked", "restricted"]

    def __init__(self, *args: Any, may_restrict: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_restrict:
            del self.fields["restricted"]


class RisaiForm(JapaneseForm):
    """`judgement` and `application`: those that the clerk has before them."""

    purpose = forms.CharField(label="使用目的", max_length=60)
    copies = forms.IntegerField(label="通数", min_value=1, max_value=20)
    about_house = forms.CharField(label="追加記載事項欄②（住家）", max_length=100, required=False)
    about_others = forms.CharField(
        label="追加記載事項欄③（住家以外）", max_length=100, required=False, help_text="例：物置の被害"
    )
    id_checked = forms.ChoiceField(
        label="本人確認", choices=[("", "選んでください"), *SEEN], help_text="番号は記録しません。"
    )
    judgement = forms.UUIDField(widget=forms.HiddenInput)
    application = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, boxes: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for box in ("house", "others"):
            if box not in boxes:
                del self.fields[f"about_{box}"]


class DeclaredForm(JapaneseForm):
    """What is declared, in the applicant's words."""

    said = forms.CharField(
        label="届出の内容",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="申請者の言葉のまま。例：物置の屋根が飛んだ、車が水に浸かった（車種）",
    )
    purpose = forms.CharField(label="使用目的", max_length=60)
    copies = forms.IntegerField(label="通数", min_value=1, max_value=20)
    id_checked = forms.ChoiceField(
        label="本人確認", choices=[("", "選んでください"), *SEEN], help_text="番号は記録しません。"
    )


class CopyForm(HandOverForm):
    reason = forms.CharField(label="再交付の理由", max_length=200, initial="別の手続きで必要なため")
    field_order = ["reason", "receiver", "id_checked"]

    def __init__(self, *args: Any, applied: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if applied:  # then whoever applied is who receives
            del self.fields["receiver"]


class WithdrawForm(JapaneseForm):
    reason = forms.CharField(label="失効の理由", max_length=200, help_text="例：記載の誤り、世帯の訂正")
