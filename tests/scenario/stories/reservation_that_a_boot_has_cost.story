# Whether it outlives a boot is not specified: the connector's status tells.
station CP1
tag A1
CP1 boots
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Reserved timestamp=@now
CP1 < {}
after 1m
CP1 drops
CP1 boots
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Reserved timestamp=@now
CP1 < {}
after 31s
expect 1 reservations id=7 state=active
CP1 drops
after 5s
CP1 boots
after 1s
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Faulted timestamp=@now
CP1 < {}
expect 1 reservations id=7 state=ended
operator calls CP1 ReserveNow reservationId=8 connectorId=1 idTag=A1 expiryDate=@now+30m
after 1m
CP1 drops
CP1 boots
after 1s
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available timestamp=@now
CP1 < {}
expect 1 reservations id=8 state=active
after 31s
expect 1 reservations id=8 state=ended
