# Faulted or Unavailable, the connector or the whole station: the reservation is gone.
station CP1 connectors=2
tag A1
CP1 boots
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
operator calls CP1 ReserveNow reservationId=8 connectorId=2 idTag=A1 expiryDate=@now+30m
operator calls CP1 ReserveNow reservationId=9 connectorId=0 idTag=A1 expiryDate=@now+30m
CP1 > StatusNotification connectorId=1 errorCode=GroundFailure status=Faulted timestamp=@now
expect 1 reservations id=7 state=ended
expect 1 reservations id=8 state=active
expect event reservation.ended
CP1 > StatusNotification connectorId=2 errorCode=NoError status=Unavailable timestamp=@now
expect 1 reservations id=8 state=ended
expect 1 reservations id=9 state=ended
operator calls CP1 ReserveNow reservationId=10 connectorId=1 idTag=A1 expiryDate=@now+30m
CP1 > StatusNotification connectorId=0 errorCode=NoError status=Unavailable timestamp=@now
expect 1 reservations id=10 state=ended
