# TC_048_2_CSMS: the request goes out whatever we think of the connector, and the station's no is taken.
station CP1
tag A1
CP1 boots
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Preparing timestamp=@now
CP1 answers ReserveNow with Occupied
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
CP1 << ReserveNow reservationId=7 connectorId=1
expect outcome 'answered Occupied'
expect 1 reservations id=7 state=refused note=Occupied
expect point CP1/1 reserved=0
