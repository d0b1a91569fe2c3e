"""避難所日報: what a shelter is like today, by shelter and day."""
