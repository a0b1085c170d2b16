# ... and its lamp gets no current for it.
tag A1
node N1 32
station CP1 grid=N1 safe=6 rating=16
CP1 boots
after 20s
CP1 > StopTransaction transactionId=-1 idTag=A1 meterStop=8000 timestamp=@now-10m
CP1 < idTagInfo.status=Accepted
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000 timestamp=@now-2h
CP1 < transactionId=$tx
expect 1 sessions tx=$tx state=finished wh=7000
after 2h
expect point CP1/1 limit=6 reserve=6
