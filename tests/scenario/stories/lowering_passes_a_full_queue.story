# Operators have asked so much of a lamp that its queue is full: what the scheduler asks gets through all the same, and
# first. The other lamp waits for the confirmed reduction.
node N1 20
tag A1
tag A2
station CP1 grid=N1 safe=0 rating=16
station CP2 grid=N1 safe=0 rating=16
CP1 boots
CP2 boots
after 30s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Charging timestamp=@now
after 2m
expect point CP1/1 limit=16 confirmed=16
CP1 answers ClearCache with nothing
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
operator calls CP1 ClearCache
expect outcome full
CP1 << ClearCache
CP2 > StartTransaction connectorId=1 idTag=A2 meterStart=0 timestamp=@now
CP2 < transactionId=$two
CP2 > StatusNotification connectorId=1 errorCode=NoError status=Charging timestamp=@now
after 31s
CP1 << SetChargingProfile csChargingProfiles.transactionId=$one csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=10
expect point CP1/1 limit=10 confirmed=10
# the time a lamp takes to react
after 20s
expect point CP2/1 limit=10 confirmed=10
CP1 << ClearCache
CP1 << no SetChargingProfile
