# RebootRequired: both are valid until the new one is seen.
station CP1
CP1 connects profile=1
CP1 answers ChangeConfiguration with RebootRequired
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=first-key-16-chars
after 6s
expect security CP1 key=none new=first-key-16-chars
CP1 drops
CP1 connects profile=1
expect security CP1 key=none new=first-key-16-chars
CP1 drops
CP1 connects profile=1 key=new
expect security CP1 key=first-key-16-chars new=none
