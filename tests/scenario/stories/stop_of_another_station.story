tag A1
station CP1
station CP2
CP1 boots
CP2 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
CP2 > StopTransaction transactionId=$tx meterStop=99999 timestamp=@now
CP2 < {}
expect 1 sessions tx=$tx state=active
expect 1 orphans of=CP2
