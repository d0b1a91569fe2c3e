from django.apps import AppConfig


class DamageConfig(AppConfig):
    name = "backend.damage"
    label = "damage"
    verbose_name = "被害認定と証明書"

    # Where a paper of each kind is issued, for the list of held ones.
    paper_pages = {"hisai": "damage:issue", "risai": "damage:risai", "todokede": "damage:declared_of"}

    # What this room lets out, and who takes a sealed application at once where both sides are one: read by the gateway.
    gateway_offers = {
        "desks": "backend.damage.online.queries.desks",
        "applications": "backend.damage.online.queries.states",
    }
    gateway_takes = "backend.damage.online.services.take_at_once"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "damage.bulk_begin": "一括交付の開始",
        "damage.bulk_left_out": "一括交付から除いた世帯の記録",
        "damage.bulk_file": "一括交付のファイルの書き込み",
        "damage.bulk_end": "一括交付の終了",
        "damage.take_application": "罹災証明書の申請の受付",
        "damage.change_application": "罹災証明書の申請の訂正",
        "damage.withdraw_application": "罹災証明書の申請の取下げ",
        "damage.attach_to_application": "罹災証明書の申請の添付",
        "damage.take_off_application_file": "罹災証明書の申請の添付の取消",
        "damage.match_application": "罹災証明書の申請と世帯の照合",
        "damage.match_application_house": "罹災証明書の申請と家屋の照合",
        "damage.open_online": "オンライン申請の受付の開始",
        "damage.close_online": "オンライン申請の受付の終了",
        "damage.import_applications": "罹災証明書の申請のファイルからの取込",
        "damage.ask_survey": "家屋の調査の依頼",
        "damage.withdraw_survey": "家屋の調査の取下げ",
        "damage.record_survey": "家屋の調査の入力",
        "damage.retype_survey": "家屋の調査の打ち直し",
        "damage.type_again": "家屋の調査の二度打ち",
        "damage.keep_first_typing": "二度打ちの一度目でよいとする",
        "damage.quick_inspection": "応急危険度判定の記録",
        "damage.add_photo": "家屋の調査の写真",
        "damage.make_team": "調査班の登録",
        "damage.plan_visits": "訪問の計画",
        "damage.close_visit": "訪問の結果",
        "damage.judge_area": "区域の一括判定",
        "damage.make_judgement": "被害の判定の起案",
        "damage.confirm_judgement": "被害の判定の確認",
        "damage.reject_judgement": "被害の判定の差戻し",
        "damage.follow_links": "被害の程度を世帯に反映",
    }
    # A judgement that another one took the place of: the papers that rest on it are to be given back.
    after_judgement = "backend.damage.certificates.risai.supersede"
    # A household whose living in a house is confirmed, or no longer is, has that house's class from then on.
    after_house_link = "backend.damage.judgements.services.follow_links"
