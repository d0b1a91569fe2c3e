"""Where somebody is as they or others told it, and the call or visit that brought it: one way for every desk that asks."""
