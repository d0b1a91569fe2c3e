"""What the register says otherwise since the ledger was opened: a report household by household, and its acceptance.

`rules` says what differs · `comparing` holds a revision against the ledger · `services` makes reports · `accepting`
takes lines into the ledger, `undoing` back out of it (`state`: rows before and after) · `beside` what hangs on a
household · `queries`, `tables`, `views` the pages.
"""
