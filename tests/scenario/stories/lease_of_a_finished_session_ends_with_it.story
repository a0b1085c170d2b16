# A lease that was written for a session that has stopped does not hold current back after a restart.
node N1 20
tag A1
station CP1 grid=N1 safe=0 rating=16
CP1 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 30s
expect point CP1/1 confirmed=16 reserve=16
CP1 > StopTransaction transactionId=$one meterStop=100 timestamp=@now
CP1 < {}
server restarts
expect point CP1/1 reserve=0
