"""Houses of the ledger: which households live in them or own them, by rule and confirmed by a person."""
