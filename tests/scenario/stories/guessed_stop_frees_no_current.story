# A stop without an id may mean the running session: the books close it, the ledger goes on counting.
node N1 22
tag A1
station CP1 grid=N1 safe=0 rating=16
station CP2 grid=N1 safe=0 rating=16
CP1 boots
CP2 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 30s
expect point CP1/1 confirmed=16
CP1 > StopTransaction transactionId=-1 idTag=A1 meterStop=500 timestamp=@now
CP1 < idTagInfo.status=Accepted
expect 1 sessions tx=$one state=finished wh=500
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 1m
expect point CP1/1 reserve=16
expect point CP2/1 reserve=6
after 20m
expect point CP1/1 reserve=0
expect point CP2/1 confirmed=16
