# The answer was lost: both keys are valid, also after a restart, until the station shows the new one.
station CP1
CP1 connects profile=1
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=first-key-16-chars
after 6s
CP1 answers ChangeConfiguration with nothing
operator calls CP1 ChangeConfiguration key=AuthorizationKey value=other-key-16-chars
after 1s
CP1 drops
expect outcome lost
expect security CP1 key=first-key-16-chars new=other-key-16-chars
expect event station.key_unconfirmed
server restarts
expect security CP1 key=first-key-16-chars new=other-key-16-chars
CP1 connects profile=1
expect security CP1 key=first-key-16-chars new=other-key-16-chars
CP1 drops
CP1 connects profile=1 key=new
expect security CP1 key=other-key-16-chars new=none
expect event station.key_changed
server restarts
expect security CP1 key=other-key-16-chars new=none
