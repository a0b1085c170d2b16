# A key that is not taken does not end the one before it, which the station may still begin to use.
station CP1
CP1 connects profile=1
CP1 answers ChangeConfiguration with nothing
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=first-key-16-chars
after 60s
expect outcome timeout
CP1 drops
CP1 answers ChangeConfiguration with Rejected
CP1 connects profile=1
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=other-key-16-chars
after 6s
expect security CP1 key=none new=first-key-16-chars
server restarts
expect security CP1 key=none new=first-key-16-chars
