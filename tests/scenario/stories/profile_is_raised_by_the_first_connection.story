# White paper A05, TC_083: accepted, both ways are open until the first connection by the new one; also over a restart.
station CP1 profile=1
CP1 connects profile=1
operator calls CP1 ChangeConfiguration key=SecurityProfile value=2
after 6s
expect outcome 'answered Accepted'
expect security CP1 profile=1 pending=2
expect event station.profile_pending
CP1 drops
server restarts
expect security CP1 profile=1 pending=2
CP1 connects profile=1
expect security CP1 profile=1 pending=2
CP1 drops
CP1 connects profile=2
expect security CP1 profile=2 pending=0
expect event station.profile_raised
server restarts
expect security CP1 profile=2 pending=0
