# TC_053_CSMS
station CP1
tag A1 parent=P
tag A2 parent=P
tag B1 parent=Q
CP1 boots
operator calls CP1 ReserveNow reservationId=7 connectorId=1 idTag=A1 expiryDate=@now+30m parentIdTag=P
CP1 << ReserveNow parentIdTag=P
CP1 > Authorize idTag=A2
CP1 < idTagInfo.status=Accepted idTagInfo.parentIdTag=P
CP1 > StartTransaction connectorId=1 idTag=A2 meterStart=0 reservationId=7 timestamp=@now
CP1 < transactionId=$tx idTagInfo.status=Accepted
expect 1 reservations id=7 state=used tx=$tx
