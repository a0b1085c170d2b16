# A station of class auto that shows nothing keeps its last limit in the ledger, also over a restart.
node N1 30
tag A1
station CP1 grid=N1 safe=0 rating=16 class=4
station CP2 grid=N1 safe=0 rating=16
CP1 boots
CP2 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 3m
expect point CP1/1 confirmed=15 class=1
CP1 drops
after 2h
expect point CP1/1 reserve=15
server restarts
expect point CP1/1 reserve=15
after 2h
expect point CP1/1 reserve=15
