# The queue of the station is delivered in the wrong order.
tag A1
station CP1
CP1 boots
CP1 > StopTransaction transactionId=-1 idTag=A1 meterStop=8000 timestamp=@now-10m
CP1 < idTagInfo.status=Accepted
expect 1 orphans of=CP1
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000 timestamp=@now-2h
CP1 < transactionId=$tx
expect 1 sessions tx=$tx state=finished wh=7000 flag=matched-orphan
expect 0 orphans of=CP1
