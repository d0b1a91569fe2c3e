from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "backend.documents"
    label = "documents"
    verbose_name = "交付物"

    # What this room lets out, read by the gateway without importing us: part of the bundle -> function giving rows.
    gateway_offers = {
        "certificates": "backend.documents.queries.certificate_status",
        "keys": "backend.documents.signing.public_keys",
        "kinds": "backend.documents.queries.kinds_as_printed",
    }

    # What hangs on a link between two people that is taken apart, read by the ledger without importing us.
    written_since = "backend.documents.queries.written_since"
    # What hangs on households of the ledger, read by the ledger without importing us.
    ledger_beside = "backend.documents.queries.beside"

    # The acts of this room in the audit book, in words.
    audit_acts = {
        "documents.issue": "証明書の交付",
        "documents.issue_many": "証明書の一括交付",
        "documents.copy": "証明書の再交付",
        "documents.withdraw": "証明書の失効",
        "documents.supersede": "証明書の内容の差替え（要返納）",
        "documents.hold": "印刷できない文字による保留",
        "documents.drop_held": "保留の終了（交付しない）",
        "documents.decide": "文字の扱いの決定",
        "documents.end_decision": "文字の扱いの決定の取消",
        "documents.seal_ask": "公印の画像の申請",
        "documents.seal_approve": "公印の画像の承認",
        "documents.seal_end": "公印の画像の使用の終了",
        "documents.wording_ask": "証明書の文面の変更の申請",
        "documents.wording_approve": "証明書の文面の承認",
        "documents.wording_end": "証明書の文面の申請の取下げ",
        "documents.signing_key": "署名の鍵の作成",
        "documents.documentkind_changed": "証明書の文面の変更",
    }
