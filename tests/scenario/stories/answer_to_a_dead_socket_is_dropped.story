# The commit ends after the station has gone and come back: the new socket hears nothing stale.
tag A1
station CP1
CP1 boots
storage stalls
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 drops
CP1 connects
storage works
CP1 < nothing
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=present
expect 1 sessions of=CP1
