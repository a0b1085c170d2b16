tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now+20m
CP1 < transactionId=$tx
after 30m
CP1 > StopTransaction transactionId=$tx meterStop=900 timestamp=@now+20m
CP1 < {}
expect 1 sessions tx=$tx state=finished flag=clock-offset seconds=1800
