"""The emergency register (four facts, numbers of our own) exchanged for the real one that arrives later.

`rules` says who is certainly and who is possibly whom · `services` exchanges and decides · `queries`, `views` the pages.
"""
