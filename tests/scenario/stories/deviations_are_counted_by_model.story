# What a model does wrong is counted by kind, and survives a restart.
station CP1
station CP2
CP1 boots
CP2 boots
CP1 > Heartbeat surplus=1
CP1 < currentTime=present
CP2 > Heartbeat surplus=2
CP2 < currentTime=present
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available info=123456789012345678901234567890123456789012345678901
CP1 < {}
after 61s
expect 1 violations vendor=NOX model=Lamp count=2
expect 1 violations vendor=NOX model=Lamp count=1
server restarts
CP1 boots
CP1 > Heartbeat surplus=1
CP1 < currentTime=present
after 61s
expect 1 violations vendor=NOX model=Lamp count=3
