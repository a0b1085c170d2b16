# What could be accepted must be known to us first: a station that has a key we have forgotten is locked out.
station CP1 profile=1
CP1 connects profile=1
after 6s
storage stalls
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=first-key-16-chars
after 1s
CP1 << no ChangeConfiguration
storage works
after 1s
CP1 << ChangeConfiguration key=AuthorizationKey
expect security CP1 key=first-key-16-chars new=none
# A configuration that was read while a step was being written is older than it.
storage stalls
operator calls CP1 ChangeConfiguration key=SecurityProfile value=2
storage works
after 1s
CP1 << ChangeConfiguration value=2
expect security CP1 profile=1 pending=2
