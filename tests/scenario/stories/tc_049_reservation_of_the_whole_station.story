# TC_049_CSMS: connector 0 is any one connector; the start names its own.
station CP1 connectors=2
tag A1
CP1 boots
operator calls CP1 ReserveNow reservationId=3 connectorId=0 idTag=A1 expiryDate=@now+30m
CP1 << ReserveNow connectorId=0
expect 1 reservations id=3 state=active connector=0
# one connector out of order leaves the other
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Unavailable timestamp=@now
expect 1 reservations id=3 state=active
CP1 > StartTransaction connectorId=2 idTag=A1 meterStart=0 reservationId=3 timestamp=@now
after 1s
expect 1 reservations id=3 state=used
