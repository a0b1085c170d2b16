# The station has said that it will use the first one after its reboot: until then it is not given up.
station CP1
CP1 connects profile=1
CP1 answers ChangeConfiguration with RebootRequired
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=first-key-16-chars
after 6s
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=other-key-16-chars
expect outcome refused
expect security CP1 key=none new=first-key-16-chars
