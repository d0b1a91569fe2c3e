"""避難者数推移表: how many people were in each shelter, and in all of them, hour by hour."""
