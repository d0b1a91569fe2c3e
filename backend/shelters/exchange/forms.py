"""A file to others and from them."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.errors import Refused
from backend.core.forms import JapaneseForm

from ..forms import moment_field
from . import layouts
from .rules import Layout


def _choices() -> list[tuple[str, str]]:
    return [(stem, layout.name) for stem, layout in layouts.shipped().items()]


class LayoutForm(JapaneseForm):
    """Which mapping: one that is here, or a file of one's own."""

    layout = forms.ChoiceField(label="列の対応表", required=False)
    own = forms.FileField(
        label="別の対応表（YAML）を使う",
        required=False,
        help_text="書き方は、見本の対応表（fixtures/exchange）と同じです。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["layout"].choices = _choices()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        own = data.get("own")
        try:
            if own:
                data["chosen"] = layouts.parse(own.read(layouts.LARGEST + 1).decode("utf-8-sig"), own.name)
            elif data.get("layout"):
                data["chosen"] = layouts.shipped()[data["layout"]]
            else:
                self.add_error("layout", "対応表を選んでください。")
        except Refused as refusal:
            self.add_error("own", refusal.message)
        except UnicodeDecodeError:
            self.add_error("own", "対応表はUTF-8で保存してください。")
        return data


class ExportForm(LayoutForm):
    """To whom, and which of their columns."""

    partner = forms.CharField(label="提供する相手", max_length=100, help_text="例：石川県")
    columns = forms.MultipleChoiceField(label="提供する列", widget=forms.CheckboxSelectMultiple, required=False)
    encoding = forms.ChoiceField(label="文字コード", choices=[("utf-8", "UTF-8"), ("shift_jis", "Shift_JIS")])
    field_order = ["partner", "columns", "encoding"]

    def __init__(self, *args: Any, chosen: Layout, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = [(title, title) for title in chosen.titles()]
        self.fields["columns"].choices = titles  # type: ignore[attr-defined]
        self.fields["columns"].initial = chosen.titles()
        del self.fields["own"]
        self.fields["layout"].widget = forms.HiddenInput()


class ReceiveForm(LayoutForm):
    """A file of theirs, from whom, and as of when."""

    file = forms.FileField(
        label="受け取ったファイル（CSV）", help_text="UTF-8 か Shift_JIS。個人番号の列は取り込みません。"
    )
    partner = forms.CharField(
        label="どこからのファイルか", max_length=100, help_text="例：石川県、輪島市。いつも同じ名前で入れます。"
    )
    as_of = moment_field("情報の時点", "ファイルに書かれた時点。空欄なら、いま。新しい時点の情報が使われます。")
    field_order = ["file", "partner", "as_of", "layout", "own"]
