# Queued for five hours: the station's clock is right, nothing is "corrected".
tag A1
station CP1
CP1 boots
CP1 > StatusNotification connectorId=0 errorCode=NoError status=Available timestamp=@now
CP1 < {}
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=7000 timestamp=@now-5h
CP1 < transactionId=$tx idTagInfo.status=Accepted
CP1 > StopTransaction transactionId=$tx meterStop=18000 timestamp=@now-1h reason=Local
CP1 < {}
expect 1 sessions tx=$tx state=finished wh=11000 seconds=14400 flag=late noflag=clock-offset
