# Taken out of the configuration and put back while its car charges: its lease counts as before.
node N1 30
tag A1
station CP1 grid=N1 safe=0 rating=16
station CP2 grid=N1 safe=0 rating=16
CP1 boots
CP2 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 3m
expect point CP1/1 confirmed=15
unstation CP1
after 5s
station CP1 grid=N1 safe=0 rating=16
after 5s
expect point CP1/1 reserve=15
unstation CP1
after 5s
server restarts
station CP1 grid=N1 safe=0 rating=16
after 5s
expect point CP1/1 reserve=15
after 20m
expect point CP1/1 reserve=0
