# TC_046_CSMS: a connector is reserved, and the start that carries the id uses it.
station CP1
tag A1
CP1 boots
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available timestamp=@now
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
expect outcome 'answered Accepted'
CP1 << ReserveNow reservationId=7 idTag=A1
expect 1 reservations id=7 state=active tag=A1 who=otto
expect point CP1/1 reserved=7
expect event reservation.active
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Reserved timestamp=@now
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Preparing timestamp=@now
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 reservationId=7 timestamp=@now
after 1s
expect 1 reservations id=7 state=used
expect 0 reservations state=used tx=0
expect event reservation.used
expect point CP1/1 reserved=0
