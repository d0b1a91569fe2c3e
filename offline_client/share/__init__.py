"""Phones and tablets in the shelter's own network: the same pages, over TLS only, each let in once with a PIN.

`addresses` where the laptop is in the network today · `certificate` its own · `front` TLS before the server ·
`devices` who was let in · `gate` what stands before every page · `views` the laptop's screen, and the PIN page.
"""
