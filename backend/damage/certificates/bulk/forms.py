from __future__ import annotations

from django import forms

from backend.core.forms import JapaneseForm
from backend.damage.models import BulkRun

from .services import PURPOSE


class BulkForm(JapaneseForm):
    purpose = forms.CharField(label="使用目的", max_length=60, initial=PURPOSE)
    post = forms.ChoiceField(
        label="宛名",
        choices=BulkRun.Post.choices,
        widget=forms.RadioSelect,
        initial=BulkRun.Post.PAGE,
        help_text="窓あき封筒の窓に合う位置に、郵便番号・送付先・氏名を印字します。",
    )
