"""Where people are, by kind of place, whoever told it: a shelter's roster, a departure, a telephone call."""
