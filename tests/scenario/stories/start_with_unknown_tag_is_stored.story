# Reported after an offline start: the energy must not be lost, the verdict is said.
station CP1
tag B1 status=Blocked
tag E1 expires=@now-1d
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=NOBODY meterStart=0 timestamp=@now-2h
CP1 < idTagInfo.status=Invalid transactionId=$one
CP1 > StopTransaction transactionId=$one idTag=NOBODY meterStop=4000 timestamp=@now-1h reason=DeAuthorized
CP1 < idTagInfo.status=Invalid
CP1 > StartTransaction connectorId=1 idTag=B1 meterStart=4000 timestamp=@now
CP1 < idTagInfo.status=Blocked transactionId=$two
CP1 > StopTransaction transactionId=$two meterStop=4001 timestamp=@now
CP1 < {}
CP1 > StartTransaction connectorId=1 idTag=E1 meterStart=4001 timestamp=@now
CP1 < idTagInfo.status=Expired transactionId=present
expect 1 sessions tx=$one wh=4000 flag=tag-not-accepted reason=DeAuthorized
expect 3 sessions of=CP1 flag=tag-not-accepted
