# TC_048_3_CSMS: the request goes out whatever we think of the connector, and the station's no is taken.
station CP1
tag A1
CP1 boots
operator calls CP1 ChangeAvailability connectorId=1 type=Inoperative
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Unavailable timestamp=@now
CP1 answers ReserveNow with Unavailable
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
CP1 << ReserveNow reservationId=7 connectorId=1
expect outcome 'answered Unavailable'
expect 1 reservations id=7 state=refused note=Unavailable
expect point CP1/1 reserved=0
