# The start comes hours later: it was no expiry after all.
station CP1
tag A1
CP1 boots
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
after 1m
CP1 drops
after 2h
expect 1 reservations id=7 state=expired
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 reservationId=7 timestamp=@now-110m
CP1 < transactionId=$tx
expect 1 reservations id=7 state=used tx=$tx
# a start after its time is none of it
operator calls CP1 ReserveNow reservationId=8 connectorId=1 idTag=A1 expiryDate=@now+10m
after 30m
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=5 reservationId=8 timestamp=@now
after 1s
expect 1 reservations id=8 state=expired
