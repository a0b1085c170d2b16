# A backup is put back.  A lamp of which it is not known that it ends leases counts at its rating until it says that no
# car is there; one that has never spoken does not hold others up for longer than a lease.
node N1 40
tag A1
station CP1 grid=N1 safe=0 rating=16 class=4
station CP2 grid=N1 safe=0 rating=16
station CP3 grid=N1 safe=0 rating=16 class=4
CP1 boots
CP2 boots
after 20s
server restarts older
station CP4 grid=N1 safe=0 rating=16
expect point CP1/1 reserve=16
expect point CP3/1 reserve=16
expect point CP4/1 reserve=16
CP2 connects
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 2m
expect point CP2/1 reserve=0
after 20m
expect event storage.trusted
expect point CP1/1 reserve=16
expect point CP2/1 confirmed=16
expect point CP3/1 reserve=0
expect point CP4/1 reserve=0
server restarts
expect point CP1/1 reserve=16
CP1 connects
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available timestamp=@now
CP1 < {}
after 5s
expect point CP1/1 reserve=0
server restarts
expect point CP1/1 reserve=0
