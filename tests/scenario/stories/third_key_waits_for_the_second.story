# While it is unknown which of two keys a station has, a third one could lock it out.
station CP1
CP1 connects profile=1
CP1 answers ChangeConfiguration with nothing
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=first-key-16-chars
after 60s
expect outcome timeout
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=other-key-16-chars
expect outcome refused
expect security CP1 key=none new=first-key-16-chars
CP1 drops
CP1 answers ChangeConfiguration with Accepted
CP1 connects profile=1
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=other-key-16-chars
after 6s
expect security CP1 key=other-key-16-chars new=none
