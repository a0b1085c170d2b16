# Two stations whose leases have no end; one was lowered for the other.  After a restart the limit that was
# replaced does not count any more, and nobody waits for ever.
node N1 20
tag A1
station CP1 grid=N1 safe=0 rating=16 class=1
station CP2 grid=N1 safe=0 rating=16 class=1
CP1 boots
CP2 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 30s
expect point CP1/1 confirmed=16
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 2m
expect point CP1/1 confirmed=10 reserve=10
expect point CP2/1 confirmed=10 reserve=10
server restarts
expect point CP1/1 reserve=10
expect point CP2/1 reserve=10
CP1 connects
CP2 connects
after 3m
expect point CP1/1 confirmed=10 reserve=10
expect point CP2/1 confirmed=10 reserve=10
