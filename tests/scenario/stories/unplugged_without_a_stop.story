# The stop was lost in a power cut: the lamp boots and says Available.  No current is kept for a car that is not there.
node N1 22
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
after 1m
CP1 boots
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available timestamp=@now
CP1 < {}
after 5s
expect event session.unplugged
expect 1 sessions tx=$one state=active
CP2 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP2 < transactionId=$two
after 20m
expect point CP1/1 reserve=0
expect point CP2/1 confirmed=16
# and if the car was there after all, it goes on
CP2 > StopTransaction transactionId=$two meterStop=1 timestamp=@now
CP2 < {}
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Charging timestamp=@now
CP1 < {}
after 30s
expect point CP1/1 confirmed=16
