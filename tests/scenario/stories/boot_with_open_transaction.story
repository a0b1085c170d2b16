# Power loss: the boot comes first, the stop of the open transaction after it.
tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
after 5m
CP1 drops
after 1m
CP1 boots
expect 1 sessions tx=$tx state=active
CP1 > StopTransaction transactionId=$tx meterStop=700 timestamp=@now-1m reason=PowerLoss
CP1 < {}
expect 1 sessions tx=$tx state=finished reason=PowerLoss wh=700
