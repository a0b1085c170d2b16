# The first status after a boot is live: it shows that the clock is two hours behind.
tag A1
station CP1
CP1 boots
CP1 > StatusNotification connectorId=0 errorCode=NoError status=Available timestamp=@now-2h
CP1 < {}
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now-2h
CP1 < transactionId=$tx
after 10m
CP1 > StopTransaction transactionId=$tx meterStop=100 timestamp=@now-2h
CP1 < {}
expect 1 sessions tx=$tx flag=clock-offset seconds=600 noflag=late
