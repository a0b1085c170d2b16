# Rejected: the old one stays.  Downwards never over OCPP, by whatever command.
station CP1 profile=1
CP1 connects profile=1
CP1 answers ChangeConfiguration with Rejected
operator calls CP1 ChangeConfiguration key=SecurityProfile value=3
after 6s
expect security CP1 profile=1 pending=0
expect event station.profile_kept
CP1 answers ChangeConfiguration with Accepted
operator calls CP1 ChangeConfiguration key=SecurityProfile value=0
expect outcome refused
expect security CP1 profile=1 pending=0
CP1 << ChangeConfiguration value=3
CP1 << no ChangeConfiguration
server restarts
expect security CP1 profile=1 pending=0
