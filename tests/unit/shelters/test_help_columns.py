"""The list and plans as files: which of their columns are read, and that it is said of which nobody makes use."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from backend.shelters.models import HelpPerson

ODD = """氏名,住所,避難支援等関係者,要介護度,避難先,第二避難先,支援者2氏名,個人番号,,自主防災組織
山田 太郎,大浜市西町1,民生 一子,3,公民館,体育館,隣 一夫,123,,西町自主防災会
"""


def test_the_page_says_which_columns_were_not_used_and_which_headings_are_read(db, staff, sign_in):
    client = sign_in(staff("welfare"))
    before = client.get(reverse("shelters:help_import")).content.decode()
    assert "避難支援等実施者（避難支援等関係者、" in before
    assert "使わなかった列" not in before
    for _ in range(2):
        form = {"file": SimpleUploadedFile("名簿.csv", ODD.encode())}
        page = client.post(reverse("shelters:help_import"), form).content.decode()
        assert "使わなかった列：要介護度、自主防災組織</p>" in page
        assert "個人番号の列は取り込んでいません：個人番号</p>" in page
    assert HelpPerson.objects.first().supporter == "民生 一子"  # as the act calls them


def test_the_commands_say_which_columns_were_not_used(db, tmp_path, capsys):
    path = tmp_path / "list.csv"
    path.write_text(ODD, encoding="utf-8")
    call_command("import_help_list", str(path))
    assert "使わなかった列：要介護度、自主防災組織" in capsys.readouterr().out
    path.write_text("氏名,避難先,血液型\n山田 太郎,公民館,A\n", encoding="utf-8")
    call_command("import_help_plans", str(path))
    assert "使わなかった列：血液型" in capsys.readouterr().out
