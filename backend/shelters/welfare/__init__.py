"""福祉避難所: places free, who is asked for, what was answered, who brings them, and that they arrived."""
