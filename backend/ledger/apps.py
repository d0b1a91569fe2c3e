from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "backend.ledger"
    label = "ledger"
    verbose_name = "被災者台帳"
    # Who is protected in the register is hidden here from the moment a file says so; who moved is written to there.
    after_register_file = "backend.ledger.opening.services.after_register_file"
    # Houses of the house roll come into the ledger with the roll.
    after_roll_file = "backend.ledger.opening.houses.after_roll_file"

    # What a shelter's laptop carries of the register, sealed until it is released (journal.packs).
    laptop_pack = {
        "give": "backend.ledger.opening.lookup.give",
        "take": "backend.ledger.lookup.take",
        "sealed": True,
    }
    # Search words follow a vendor's map of 外字; texts that papers carry; whom a list of held papers may name.
    after_gaiji_map = "backend.ledger.written.refold"
    texts_on_paper = "backend.ledger.written.texts_on_paper"
    people_on_papers = "backend.ledger.written.people_on_papers"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "ledger.open_disaster": "災害の開設",
        "ledger.fill_disaster": "台帳の作成",
        "ledger.export_register": "基準日住民記録の出力",
        "ledger.report_revision": "住民記録の改訂の報告",
        "ledger.accept_revision": "改訂の受入",
        "ledger.undo_revision": "改訂の受入の取消",
        "ledger.note_moves": "住民票の異動の反映（現在の住所）",
        "ledger.exchange_register": "緊急用の住民記録の入れ替え",
        "ledger.decide_exchange": "入れ替えの決定",
        "ledger.undo_exchange": "入れ替えの取消",
        "ledger.settle_flag": "要確認の確認",
        "ledger.reopen_flag": "要確認の確認の取消",
        "ledger.place_into": "世帯未定の方の世帯の決定",
        "ledger.place_alone": "世帯未定の方を一人の世帯に",
        "ledger.add_household": "台帳にない世帯の登録",
        "ledger.write_by_hand": "連絡先・覚え書きの記入",
        "ledger.match_same": "名寄せ：同じ方",
        "ledger.match_other": "名寄せ：別の方",
        "ledger.match_absent": "名寄せ：住民記録にない方",
        "ledger.match_undo": "名寄せの判断の取消",
        "ledger.match_apart": "結び付けを外した",
        "ledger.match_assign": "記録の振り分け",
        "ledger.match_people": "名寄せの実行",
        "ledger.fill_houses": "家屋の取込",
        "ledger.link_houses": "家屋と世帯の照合",
        "ledger.confirm_house": "家屋と世帯のつながりの確認",
        "ledger.reject_house": "家屋と世帯のつながりの否定",
        "ledger.undo_house": "家屋と世帯のつながりの判断の取消",
        "ledger.link_house_by_hand": "家屋と世帯を手でつなぐ",
        "ledger.add_house": "台帳にない家屋の登録",
        "ledger.take_address_table": "住居表示と地番の対応表の取込",
        "ledger.take_outlines": "建物の外形の取込",
        "ledger.ask_protection": "秘匿希望の受付",
        "ledger.lift_protection": "秘匿の解除",
        "ledger.record_return": "返戻の記録",
        "ledger.settle_return": "返戻の解除",
        "ledger.decide_household": "世帯の認定・異動",
        "ledger.undo_household_decision": "世帯の認定・異動の取消",
        "ledger.assign_of_household": "取り消した世帯の記録の振り分け",
        "ledger.add_recipient": "提供先の登録",
        "ledger.end_recipient": "提供先の終了",
        "ledger.give_consent": "提供への同意の記録",
        "ledger.withdraw_consent": "提供への同意の取りやめ",
        "ledger.draft_disclosure": "台帳情報の提供の起案",
        "ledger.choose_people": "提供の対象者の選択",
        "ledger.take_off_person": "提供の対象者の取り外し",
        "ledger.ask_disclosure": "台帳情報の提供の承認依頼",
        "ledger.approve_disclosure": "台帳情報の提供の承認",
        "ledger.refuse_disclosure": "台帳情報の提供の不承認",
        "ledger.cancel_disclosure": "台帳情報の提供の取りやめ",
        "ledger.hand_over": "台帳情報の引渡し",
        "ledger.close_disclosure": "台帳情報の返却・消去の確認",
    }
