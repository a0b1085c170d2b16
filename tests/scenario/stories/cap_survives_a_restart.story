# A cap without notice lowers at once; a restart does not forget it; taken back, the lamp gets its current again.
node N1 32
tag A1
station CP1 grid=N1 safe=6 rating=16
CP1 boots
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
after 30s
expect point CP1/1 confirmed=16
cap N1 10 for=2h
after 30s
expect point CP1/1 limit=10 confirmed=10
server restarts
expect node N1 limit=10 cap=1
CP1 connects
after 2m
expect point CP1/1 confirmed=10
cap N1 8 for=1h
uncap 1
expect node N1 limit=8 cap=2
after 61m
expect node N1 limit=32 cap=0
after 3m
expect point CP1/1 confirmed=16
