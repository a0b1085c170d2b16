# Rejected, NotSupported, or an error that says so: the new key is forgotten, the old one stays.
station CP1
CP1 connects profile=1
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=first-key-16-chars
after 6s
CP1 answers ChangeConfiguration with Rejected
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=other-key-16-chars
after 1s
expect security CP1 key=first-key-16-chars new=none
expect event station.key_kept
CP1 answers ChangeConfiguration with NotSupported
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=other-key-16-chars
after 1s
expect security CP1 key=first-key-16-chars new=none
CP1 drops
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=other-key-16-chars
expect outcome offline
expect security CP1 key=first-key-16-chars new=none
server restarts
expect security CP1 key=first-key-16-chars new=none
