tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
after 10m
CP1 > StopTransaction transactionId=$tx meterStop=1834 timestamp=@now
CP1 < {}
CP1 > StopTransaction transactionId=$tx meterStop=9999 timestamp=@now
CP1 < {}
expect 1 sessions of=CP1 state=finished wh=1834
expect 1 cdrs of=CP1 kind=normal
