import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from backend.core.clock import now
from backend.core.errors import Refused
from backend.gateway import queries, services
from backend.gateway.models import Bundle, CertificateStatus
from backend.gateway.rules import write

from .test_rules import ROW, TOKEN

pytestmark = pytest.mark.django_db


def bundle(*rows, minutes=0, municipality="999997"):
    return write({"certificates": rows}, made_at=now() + timedelta(minutes=minutes), municipality=municipality)[0]


def test_a_bundle_replaces_the_list_as_a_whole():
    services.load(data=bundle(ROW))
    services.load(data=bundle(ROW | {"token_hash": "0" * 64}, minutes=1))
    assert list(CertificateStatus.objects.values_list("token_hash", flat=True)) == ["0" * 64]
    assert queries.verify(TOKEN).verdict == "unknown"


def test_the_same_bundle_twice_changes_nothing_and_says_so():
    data = bundle(ROW)
    assert services.load(data=data)[1] is True
    assert services.load(data=data)[1] is False
    assert Bundle.objects.count() == 1


def test_an_older_bundle_is_refused():
    services.load(data=bundle(ROW))
    with pytest.raises(Refused, match="古い"):
        services.load(data=bundle(minutes=-1))
    assert queries.verify(TOKEN).verdict == "valid"


def test_a_damaged_bundle_leaves_the_list_as_it_is():
    services.load(data=bundle(ROW))
    with pytest.raises(Refused):
        services.load(data=bundle(minutes=1)[:-1])
    assert queries.verify(TOKEN).verdict == "valid"


def test_another_towns_bundle_is_refused():
    with pytest.raises(Refused, match="別の団体"):
        services.load(data=bundle(ROW, municipality="131016"))


def test_the_commands_carry_the_list_from_one_side_to_the_other(tmp_path):
    file, out = tmp_path / "bundle.json", StringIO()
    call_command("export_bundle", output=file, json=True, stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["status"] == "done"
    out = StringIO()
    call_command("load_bundle", str(file), json=True, stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["new"] is True
    assert [row.way for row in Bundle.objects.order_by("id")] == ["made", "loaded"]


def test_a_bundle_that_could_not_be_written_is_in_no_log_and_leaves_nothing(tmp_path, monkeypatch):
    def no_room(*_):
        raise OSError("disk full")

    monkeypatch.setattr("backend.gateway.services.os.replace", no_room)
    with pytest.raises(Refused):
        services.export_bundle(path=tmp_path / "bundle.json")
    with pytest.raises(Refused):
        services.export_bundle(path=tmp_path / "no folder" / "bundle.json")
    assert not Bundle.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_or_foreign_file_is_refused_with_2(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    for name in ("photo.jpg", "nothing.json"):
        with pytest.raises(SystemExit) as stopped:
            call_command("load_bundle", str(tmp_path / name), json=True, stdout=StringIO())
        assert stopped.value.code == 2


def test_a_room_that_offers_too_much_is_refused(monkeypatch):
    from django.apps import apps

    monkeypatch.setattr(apps.get_app_config("documents"), "gateway_offers", {"certificates": f"{__name__}.too_much"})
    with pytest.raises(Refused, match="決められていない項目"):
        services.export_bundle(path=None)


def too_much():
    return [ROW | {"household": "x"}]
