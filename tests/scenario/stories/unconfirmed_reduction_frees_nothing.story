# CP1 does not answer its reduction: CP2 must not be raised into that room.
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
expect point CP1/1 confirmed=16 reserve=16
CP1 answers SetChargingProfile with nothing
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 2m
expect point CP1/1 reserve=16
expect point CP2/1 reserve=0
