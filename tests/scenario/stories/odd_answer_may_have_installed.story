# An answer that is neither yes nor no: the profile may be in force.
node N1 22
tag A1
station CP1 grid=N1 safe=0 rating=16
CP1 boots
after 20s
CP1 answers SetChargingProfile with Perhaps
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 10s
expect point CP1/1 reserve=16
