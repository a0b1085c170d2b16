# Extra fields, null for absent, over-long texts, odd case: answered, counted as violations.
station CP1
CP1 connects
CP1 > BootNotification chargePointVendor="A vendor whose name is much longer than twenty" chargePointModel=null extra=1
CP1 < status=Accepted currentTime=present interval=present
CP1 > StatusNotification connectorId="1" errorCode=NoError status=available timestamp="2026-09-21 13:00:00"
CP1 < {}
expect point CP1/1 status=Available
CP1 > StatusNotification connectorId=1 errorCode=Error status=Occupied
CP1 < {}
expect event station.violation
