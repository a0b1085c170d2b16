tag A1
station CP1
CP1 boots
storage stalls
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < nothing
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Charging timestamp=@now
CP1 < nothing
# what loses nothing is answered at once
CP1 > Heartbeat
CP1 < currentTime=present
storage works
CP1 < transactionId=present
CP1 < {}
