# Some stations do not tell the reservationId: connector, tag and parent tell. A foreign tag leaves it alone.
station CP1 connectors=2
tag A1 parent=P
tag A2 parent=P
tag B1
CP1 boots
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m parentIdTag=P
CP1 > StartTransaction connectorId=1 idTag=B1 meterStart=0 timestamp=@now
CP1 < transactionId=$foreign
expect 1 reservations id=7 state=active
CP1 > StopTransaction transactionId=$foreign meterStop=0 timestamp=@now
CP1 > StartTransaction connectorId=2 idTag=A1 meterStart=0 timestamp=@now+1s
after 1s
expect 1 reservations id=7 state=active
CP1 > StartTransaction connectorId=1 idTag=A2 meterStart=0 timestamp=@now
after 1s
expect 1 reservations id=7 state=used
