# The station never got the answer to its start and stops "-1": there is one session it can mean.
tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000 timestamp=@now
CP1 < transactionId=$tx
after 1h
CP1 > StopTransaction transactionId=-1 idTag=A1 meterStop=8000 timestamp=@now
CP1 < idTagInfo.status=Accepted
expect 1 sessions tx=$tx state=finished wh=7000
expect 0 orphans of=CP1
