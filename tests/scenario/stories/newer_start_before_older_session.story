# offline queue: newer start first, then older start+stop
tag A1
node N1 32
station CP1 grid=N1 safe=6 rating=16
CP1 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=5000 timestamp=@now
CP1 < transactionId=$b
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000 timestamp=@now-2h
CP1 < transactionId=$a
CP1 > StopTransaction transactionId=$a meterStop=5000 timestamp=@now-1h
CP1 < {}
expect 1 sessions tx=$b state=active
expect 1 sessions tx=$a state=finished wh=4000
after 1m
expect point CP1/1 limit=16
server restarts
expect point CP1/1 limit=16
