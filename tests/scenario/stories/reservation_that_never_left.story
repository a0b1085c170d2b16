# The connection breaks while the record is being written: the request is not sent, and reserves nothing.
station CP1
tag A1
CP1 boots
storage stalls
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
CP1 drops
storage works
expect outcome offline
expect 1 reservations id=7 state=refused
