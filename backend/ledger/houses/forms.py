"""Forms of the houses' pages."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.forms import JapaneseForm

from .rules import LATITUDES, LONGITUDES

_PLAIN = {"autocomplete": "off"}


LARGEST = 2 * 1024**3
KINDS = [
    ("addresses", "住居表示と地番の対応表（CSV）"),
    ("outlines", "建物の外形（GeoJSON、またはShape一式のZIP）"),
]


class TableForm(JapaneseForm):
    """A table of the town's, to be taken."""

    kind = forms.ChoiceField(label="種類", choices=KINDS, widget=forms.RadioSelect)
    file = forms.FileField(
        label="ファイル",
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.geojson,.json,.zip"}),
        error_messages={"empty": "ファイルが空です。", "required": "ファイルを選んでください。"},
    )
    replace = forms.BooleanField(
        label="これまでの表を終わらせ、このファイルだけにする",
        required=False,
        help_text="付けなければ、これまでの表に足します（地区ごとのファイルなど）。",
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            raise forms.ValidationError("2GBを超えるファイルは画面から取り込めません。コマンドを使ってください。")
        return upload


class FindForm(JapaneseForm):
    text = forms.CharField(
        label="所在地・住居表示住所・物件番号",
        max_length=200,
        help_text="例：西町12番地3、本町一丁目2-3、本町一丁目",
        widget=forms.TextInput(attrs=_PLAIN),
    )


class HouseForm(JapaneseForm):
    """A house found on the ground that is in no roll."""

    lot = forms.CharField(label="所在地（地番）", max_length=300, required=False, help_text="例：大浜市西町12番地3")
    address = forms.CharField(
        label="住居表示住所", max_length=300, required=False, help_text="あれば。例：大浜市本町一丁目2番3号"
    )
    kind = forms.CharField(label="種類", max_length=60, required=False, help_text="居宅、共同住宅、物置など")
    structure = forms.CharField(label="構造", max_length=100, required=False)
    floors = forms.CharField(label="階数", max_length=40, required=False)
    area = forms.DecimalField(
        label="床面積（平方メートル）", required=False, min_value=0, max_digits=9, decimal_places=2, localize=False
    )
    built = forms.CharField(label="建築年", max_length=40, required=False)
    owner_name = forms.CharField(label="所有者氏名", max_length=200, required=False)
    latitude = forms.FloatField(
        label="緯度", required=False, min_value=LATITUDES[0], max_value=LATITUDES[1], help_text="度（例 38.2682）"
    )
    longitude = forms.FloatField(
        label="経度", required=False, min_value=LONGITUDES[0], max_value=LONGITUDES[1], help_text="度（例 140.8694）"
    )
    annex = forms.BooleanField(label="附属家（物置・車庫など）", required=False)
    note = forms.CharField(label="覚え書き", max_length=200, required=False, help_text="どこで見つけたかなど")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("latitude", "longitude", "area"):
            self.fields[name].widget = forms.TextInput(attrs={**_PLAIN, "inputmode": "decimal"})

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("lot", "").strip() and not values.get("address", "").strip():
            self.add_error("lot", "所在地か住居表示住所のどちらかを入れてください。")
        if (values.get("latitude") is None) != (values.get("longitude") is None) and not self.errors:
            self.add_error("longitude", "緯度と経度は両方を入れるか、両方を空にしてください。")
        return values
