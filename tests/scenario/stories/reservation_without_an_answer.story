# No answer: it may hold, until it is used or over. Not sent: it does not.
station CP1
tag A1
CP1 boots
CP1 answers ReserveNow with nothing
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
after 31s
expect 1 reservations id=7 state=requested
expect event reservation.unclear
after 32m
expect 1 reservations id=7 state=expired
CP1 answers ReserveNow with CALLERROR
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
expect 1 reservations id=7 state=refused
