tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
CP1 > StopTransaction transactionId=$tx meterStop=500 timestamp=@now-20m
CP1 < {}
expect 1 sessions tx=$tx state=finished wh=500 flag=stop-before-start
