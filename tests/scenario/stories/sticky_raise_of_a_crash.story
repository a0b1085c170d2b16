# A raise was sent and the server died before the answer: both limits may be in force, without end.  The sums
# are too large for good, so all are brought down to what is certain, and raised again.
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
CP1 answers SetChargingProfile with nothing
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 5s
expect point CP1/1 limit=10 reserve=16
operator limits N1 12
after 2s
server restarts
operator limits N1 12
expect point CP1/1 reserve=16
CP1 answers SetChargingProfile with Accepted
CP1 connects
CP2 connects
after 5m
expect point CP1/1 confirmed=6 reserve=6
expect point CP2/1 confirmed=6 reserve=6
