from django.apps import AppConfig


class SheltersConfig(AppConfig):
    name = "backend.shelters"
    label = "shelters"
    verbose_name = "避難所"
    journal_kinds = "backend.shelters.entries.KINDS"
    journal_drop = "backend.shelters.apply.drop"
    journal_retimed = "backend.shelters.apply.retimed"
    journal_hidden = "backend.shelters.people.protected_in_entries"
    protection_lifted = "backend.shelters.lifting.tell"
    ledger_filled = "backend.shelters.register_came.find_people"
    journal_people = {
        "who": "backend.shelters.apply.who",
        "meet": "backend.shelters.apply.meet",
        "by_card": "backend.shelters.told.by_card",
        "present": "backend.shelters.told.present",
        "faces": "backend.shelters.told.faces",
        "cards": "backend.shelters.told.cards",
        "references": "backend.shelters.acts.references",
    }
    typed_records = "backend.shelters.typed.typed_records"
    written_since = "backend.shelters.household.written_since"
    disclosure_source = "backend.shelters.disclosure.SOURCE"
    laptop_pack = {
        "give": "backend.shelters.help_first.packing.give",
        "take": "backend.shelters.help_first.packing.take",
        "sealed": True,
    }
    # What hangs on people of the ledger, read by the ledger without importing us.
    ledger_beside = "backend.shelters.beside.beside"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "shelters.open": "避難所の開設",
        "shelters.say_disaster": "避難所の災害の指定",
        "shelters.close": "避難所の閉鎖",
        "shelters.head_count": "避難所の人数の報告",
        "shelters.import_head_counts": "人数の一覧の取込",
        "shelters.report_calls": "電話で聞いた人数の記録",
        "shelters.type_list": "紙の名簿の入力",
        "shelters.say": "居場所の聞き取り・連絡の記録",
        "shelters.import_help_list": "避難行動要支援者名簿の取込",
        "shelters.import_help_plans": "個別避難計画の取込",
        "shelters.help_answer": "要支援者の安否の記録",
        "shelters.welfare_places": "福祉避難所の受入人数の記録",
        "shelters.welfare_ask": "福祉避難所の依頼",
        "shelters.welfare.answered": "福祉避難所の答えの記録",
        "shelters.welfare.transported": "福祉避難所への移送の手配",
        "shelters.welfare.cancelled": "福祉避難所の依頼の取りやめ",
        "shelters.welfare_arrived": "福祉避難所への到着の記録",
        "shelters.exchange_export": "避難者の情報の提供（県・避難元）",
        "shelters.exchange_receive": "他機関のファイルの受領",
        "shelters.exchange_take": "他機関のファイルの取込",
        "shelters.exchange_discard": "他機関のファイルの破棄",
        "shelters.exchange_put_down": "報告された居場所の記録",
        "shelters.say_where": "居場所の記録",
        "shelters.take_back_where": "居場所の記録の取消",
        "shelters.check_in": "避難所の受付",
        "shelters.leave": "避難所の退所",
        "shelters.move": "避難所の移動",
        "shelters.correct_stay": "入退所の訂正",
        "shelters.tell_apart": "二つの記録が別の方であることの確認",
        "shelters.merge": "避難者の二つの記録を一つに",
        "shelters.unmerge": "一つにした避難者の記録を分けた",
        "shelters.void": "入退所の取消",
        "shelters.correct_details": "避難者の記載の訂正",
        "shelters.ask_protection": "秘匿希望の受付（避難所）",
        "shelters.state_need": "配慮することの記録",
        "shelters.meet_need": "配慮することの解決",
        "shelters.day_sheet": "避難所日報の記録",
        "shelters.go_away": "外泊の記録",
        "shelters.visitor": "来訪者の記録",
        "shelters.parcel": "荷物の預かり",
        "shelters.desk_end": "外泊からの戻り・退出・荷物の引渡し",
        "shelters.attach_sheet": "紙の名簿の写真",
        "shelters.type_sheet": "写真の名簿の入力",
        "shelters.undo": "日報・受付簿の記録の取消",
        "shelters.note": "避難所の覚え書き",
        "shelters.consent.stated": "同意の確認",
        "shelters.consent.withdrawn": "同意の取りやめ",
    }
