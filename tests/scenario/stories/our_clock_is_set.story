# The clock of the server's machine is put an hour ahead.  CP1 is away, its clock was not: its lease has not
# ended.  Once it has asked for the time twice, its leases end again.
node N1 20
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
CP1 drops
after 2m
clock jumps 1h
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 1m
expect event clock.set
expect point CP1/1 reserve=16
expect point CP2/1 limit=0
CP1 connects
CP1 > Heartbeat
CP1 < currentTime=present
CP1 > Heartbeat
CP1 < currentTime=present
after 5m
expect point CP1/1 confirmed=10
expect point CP2/1 confirmed=10
CP1 drops
after 20m
expect point CP1/1 reserve=0
