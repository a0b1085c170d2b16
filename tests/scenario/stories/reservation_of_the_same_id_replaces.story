station CP1
tag A1
tag A2
CP1 boots
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A2 expiryDate=@now+2h
expect 1 reservations id=7 state=replaced tag=A1
expect 1 reservations id=7 state=active tag=A2
after 90m
expect 1 reservations state=active
# a refused replacement leaves the old one
CP1 answers ReserveNow with Rejected
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
expect 1 reservations id=7 state=active tag=A2
expect 1 reservations id=7 state=refused
