# OCPP 1.6 section 4.2: Pending may be configured and triggered, not started; once approved it is asked to boot.
station CP1
tag A1
operator registers CP1 Pending
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Pending interval=60 currentTime=present
expect 1 waiting of=CP1 boots=1 vendor=NOX

# What it says unasked is refused, what was asked of it is answered.
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available
CP1 < CALLERROR SecurityError
operator calls CP1 TriggerMessage requestedMessage=StatusNotification connectorId=1
CP1 << TriggerMessage requestedMessage=StatusNotification
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available
CP1 < {}

# Configuration may be read and changed; starts and stops wait for the approval.
operator calls CP1 GetConfiguration
CP1 << GetConfiguration
operator calls CP1 RemoteStartTransaction idTag=A1 connectorId=1
expect outcome refused
operator calls CP1 RemoteStopTransaction transactionId=1
expect outcome refused
CP1 << no RemoteStartTransaction

operator registers CP1 Accepted
CP1 << TriggerMessage requestedMessage=BootNotification
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Accepted interval=300
expect 0 waiting of=CP1
operator calls CP1 RemoteStartTransaction idTag=A1 connectorId=1
CP1 << RemoteStartTransaction idTag=A1
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < idTagInfo.status=Accepted
