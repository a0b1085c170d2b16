# A start whose tag is refused consumes nothing; nor does an older start that comes late.
station CP1
tag A1
tag A2 status=Blocked
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now-1h
CP1 < transactionId=$old
CP1 > StopTransaction transactionId=$old meterStop=10 timestamp=@now-30m
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m
CP1 > StartTransaction connectorId=1 idTag=A2 meterStart=0 reservationId=7 timestamp=@now
after 1s
expect 1 reservations id=7 state=active
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=5 timestamp=@now-50m
after 1s
expect 1 reservations id=7 state=active
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=10 reservationId=7 timestamp=@now
after 1s
expect 1 reservations id=7 state=used
