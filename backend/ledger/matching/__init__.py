"""名寄せ: who of the people typed by hand is who in the register.

`records` what was typed, wherever · `rules` how two sides compare, and when that is enough · `candidates` whom to
compare · `running` the two together · `services` links, decisions, taking apart · `queries` and `views` the queue.
Only `rules` needs the library of string distances, and only a server runs it: a laptop writes records down and waits.
"""
