"""The signed proof: what it says, that nobody else can make one, and what becomes of it when the key changes."""

import json
import re

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import call_command
from django.db import IntegrityError, transaction

from backend.core.errors import Refused
from backend.documents import pdf, proofs, signing
from backend.documents.models import DocumentKind, SigningKey
from backend.documents.rules import number_text
from backend.gateway.queries import public_keys
from backend.gateway.services import refresh


def verified(proof):
    text, _, signature = proof.rpartition(".")
    row = SigningKey.objects.get(key=text.split(".")[7])
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(row.public)).verify(
        proofs.decoded(signature), proofs.signed_bytes(text)
    )
    return text.split(".")


def test_without_a_key_the_code_says_the_address_only(issue):
    content = issue().content
    assert "proof" not in content
    assert pdf.code_of(content) == content["verify_url"]


def test_a_proof_says_which_paper_it_is_and_whose_without_the_name(issue):
    signing.make_key(by=None, reason="導入")
    found = issue()
    address, proof = pdf.code_of(found.content).split("#")
    parts = verified(proof)
    assert address == found.content["verify_url"]
    assert parts[:7] == ["1", "999997", "hisai", str(found.fiscal_year), "1", parts[5], "-"]
    assert parts[9] == proofs.hashed(parts[8], found.content["head"]["name"])
    assert parts[10] == proofs.hashed(parts[8], found.content["head"]["address"])
    assert parts[9] != proofs.hashed(parts[8], "別の 名前")
    assert re.fullmatch(r"[A-Za-z0-9._-]+", proof)
    with pytest.raises(InvalidSignature):
        verified(proof.replace(".hisai.", ".risai."))


def test_width_spaces_and_selectors_make_no_difference_but_other_shapes_do():
    assert proofs.comparable("髙﨑　一郎") == proofs.comparable("髙﨑 一郎") == proofs.comparable("髙﨑\U000e0100一郎")
    assert proofs.comparable("高崎一郎") != proofs.comparable("髙﨑一郎")


def test_a_new_key_ends_the_old_one_whose_papers_stay_provable(issue):
    signing.make_key(by=None, reason="導入")
    old = issue().content["proof"]
    signing.make_key(by=None, reason="年次の更新")
    new = issue().content["proof"]
    assert verified(old)[7] != verified(new)[7]
    assert [row["state"] for row in signing.public_keys()] == ["ended", "in_use"]
    signing.make_key(by=None, reason="漏えい", lost=True)
    refresh()
    assert sorted(row["state"] for row in public_keys()) == ["ended", "in_use", "lost"]


def test_a_stolen_database_signs_nothing(issue, settings):
    signing.make_key(by=None, reason="導入")
    settings.SECRET_KEY = "another one altogether"
    with pytest.raises(Refused, match="SECRET_KEY"):
        issue()


def test_only_one_key_is_in_use(db):
    signing.make_key(by=None, reason="導入")
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.create(key="0" * 8, public="0" * 64, sealed="00")
    with pytest.raises(Refused):
        signing.make_key(by=None, reason=" ")


def test_the_command_says_the_public_key(db, capsys):
    call_command("make_signing_key", "--reason", "導入", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["public"] == SigningKey.objects.get().public


def test_the_code_can_be_left_off(issue):
    signing.make_key(by=None, reason="導入")
    issue()
    DocumentKind.objects.update(qr=False)
    content = issue().content
    assert (content["qr"], "proof" in content) == (False, False)
    assert pdf.sheet(content)["qr"] == []


def test_the_town_shapes_its_own_numbers(issue):
    issue()
    DocumentKind.objects.update(number_format="{発行者}{記号}第{番号}号（{和暦年度}）")
    found = issue()
    assert found.number_text == f"大浜市被災第2号（令和{found.fiscal_year - 2018}年度）"
    for wrong in ("第{番号}号", "{年度}", "{年度}{番号}{名前}", "{年度}{番号"):
        with pytest.raises(ValueError, match=r"使えません|入れてください|閉じて"):
            number_text("市", "記", 2026, 1, wrong)
