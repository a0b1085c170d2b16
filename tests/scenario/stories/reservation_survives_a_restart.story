# Of the server; and one whose answer was lost with it may hold.
station CP1
tag A1
CP1 boots
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
server restarts
CP1 boots
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Reserved timestamp=@now
CP1 < {}
expect point CP1/1 reserved=7
after 31s
expect 1 reservations id=7 state=active
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 reservationId=7 timestamp=@now
CP1 < transactionId=$tx
expect 1 reservations id=7 state=used tx=$tx
CP1 answers ReserveNow with nothing
operator calls CP1 ReserveNow reservationId=8 connectorId=1 idTag=A1 expiryDate=@now+30m
expect 1 reservations id=8 state=requested
server restarts
CP1 boots
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Reserved timestamp=@now
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=9 reservationId=8 timestamp=@now
after 1s
expect 1 reservations id=8 state=used
