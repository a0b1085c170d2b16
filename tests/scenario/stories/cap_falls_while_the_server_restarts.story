# Caps without notice, set before the lamps are back after a restart: what was accepted before is known, so this is no
# doubt; all fall to their safe current within seconds and come back up to what fits.
node N1 40
tag A1
tag A2
station CP1 grid=N1 safe=6 rating=16
station CP2 grid=N1 safe=6 rating=16
CP1 boots
CP2 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
CP2 > StartTransaction connectorId=1 idTag=A2 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 1m
expect point CP1/1 confirmed=16
expect point CP2/1 confirmed=16
server restarts
cap N1 20 for=2h
CP1 connects
CP2 connects
after 10s
expect point CP1/1 confirmed=6
expect point CP2/1 confirmed=6
after 1m
expect point CP1/1 confirmed=10
expect point CP2/1 confirmed=10
