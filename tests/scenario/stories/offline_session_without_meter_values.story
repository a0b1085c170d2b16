# Energy is meterStop - meterStart, with or without samples in between.
tag A1
tariff T price_e4=4900
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000000 timestamp=@now-3h
CP1 < transactionId=$tx
CP1 > StopTransaction transactionId=$tx meterStop=1031207 timestamp=@now-10m
CP1 < {}
expect 1 sessions tx=$tx wh=31207
expect 1 cdrs wh=31207 cents=1529
