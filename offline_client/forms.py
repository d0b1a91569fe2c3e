from django import forms


class CodeForm(forms.Form):
    """The code from the sealed envelope."""

    code = forms.CharField(
        label="封筒の文字", max_length=40, help_text="4組の5文字です。ハイフンや小文字はどちらでもかまいません"
    )


class StickForm(forms.Form):
    """The file that came back from headquarters."""

    file = forms.FileField(
        label="本部から運んだファイル", help_text="本部で保存した「back-」で始まる .tasuki のファイルです"
    )


class DeviceForm(forms.Form):
    """A phone or tablet that is to be let in."""

    name = forms.CharField(
        label="機器の名前",
        max_length=40,
        help_text="だれの、どこの機器か分かる名前。例：受付のタブレット、保健師のスマートフォン",
    )
