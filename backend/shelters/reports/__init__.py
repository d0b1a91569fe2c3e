"""人数の報告, of many shelters at once: lists that others keep, and what is told by telephone."""
