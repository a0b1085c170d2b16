# The central system restarts while CP1 holds 16 A: the ledger knows it at once.
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
server restarts
expect point CP1/1 reserve=16
CP2 connects
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 2m
expect point CP2/1 reserve=0
# CP1 stays away: its lease ends, CP2 gets its turn
after 20m
expect point CP1/1 reserve=0
expect point CP2/1 confirmed=16
