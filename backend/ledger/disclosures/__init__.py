"""台帳情報の提供: who asked for what of whom, who approved it, what was handed over, and who received a person's data."""
