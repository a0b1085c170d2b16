# 16 A granted, then silence: it counts until its lease ends, then with its safe current.
node N1 32
tag A1
station CP1 grid=N1 safe=6 rating=16
station CP2 grid=N1 safe=6 rating=16
station CP3 grid=N1 safe=6 rating=16
CP1 boots
CP2 boots
CP3 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
after 30s
expect point CP1/1 reserve=16
CP1 drops
after 5m
expect point CP1/1 reserve=16 up=0
after 20m
expect point CP1/1 reserve=6 up=0
