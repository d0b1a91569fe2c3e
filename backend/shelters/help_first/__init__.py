"""避難行動要支援者: who needs help first, by district and responsible person, until everybody was reached."""
