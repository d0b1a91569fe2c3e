from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "backend.ledger"
    label = "ledger"
    verbose_name = "被災者台帳"
    # Who is protected in the register is hidden here from the moment a file says so.
    after_register_file = "backend.ledger.opening.services.take_protection"
