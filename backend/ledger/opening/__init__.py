"""Opening a disaster: the only door between the register and the ledger.

`services` opens, fills and gives back · `loading` carries a million people over · `placing` decides what the rebuild
could not · the rest are the pages of disasters and of what was flagged. A laptop has the ledger without this door.
"""
