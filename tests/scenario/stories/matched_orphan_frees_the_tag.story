# A start whose stop had come before is over at once: its tag is free for another lamp.
tag A1 single=1
node N1 32
station CP1 grid=N1 safe=6 rating=16
station CP2 grid=N1 safe=6 rating=16
CP1 boots
CP2 boots
after 20s
CP1 > StopTransaction transactionId=-1 idTag=A1 meterStop=8000 timestamp=@now-10m
CP1 < idTagInfo.status=Accepted
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000 timestamp=@now-2h
CP1 < transactionId=$tx
expect 1 sessions tx=$tx state=finished wh=7000
after 30s
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < idTagInfo.status=Accepted
