# TC_047_CSMS: Reserved, then Available when its time is over.
station CP1
tag A1
CP1 boots
operator calls CP1 ReserveNow reservationId=8 connectorId=1 idTag=A1 expiryDate=@now+2m
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Reserved timestamp=@now
after 2m
expect 1 reservations id=8 state=active
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available timestamp=@now
CP1 < {}
CP1 < {}
expect 1 reservations id=8 state=expired
# a station that says nothing: a minute of grace for its clock
operator calls CP1 ReserveNow reservationId=9 connectorId=1 idTag=A1 expiryDate=@now+2m
after 150s
expect 1 reservations id=9 state=active
after 60s
expect 1 reservations id=9 state=expired
