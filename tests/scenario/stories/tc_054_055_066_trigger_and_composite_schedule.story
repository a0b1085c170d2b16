# TC_054_CSMS, TC_055_CSMS and TC_066_CSMS.
station CP1
CP1 boots
operator calls CP1 TriggerMessage requestedMessage=MeterValues connectorId=1
CP1 << TriggerMessage requestedMessage=MeterValues connectorId=1
CP1 > MeterValues connectorId=1 meterValue=[{"timestamp":"@now","sampledValue":[{"value":"1"}]}]
CP1 < {}
operator calls CP1 TriggerMessage requestedMessage=Heartbeat
CP1 > Heartbeat
CP1 < currentTime=present
operator calls CP1 TriggerMessage requestedMessage=StatusNotification connectorId=1
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available
CP1 < {}
CP1 answers TriggerMessage with NotImplemented
operator calls CP1 TriggerMessage requestedMessage=DiagnosticsStatusNotification
expect outcome 'answered NotImplemented'
CP1 > DiagnosticsStatusNotification status=Idle
CP1 < {}
CP1 > FirmwareStatusNotification status=Idle
CP1 < {}
CP1 answers TriggerMessage with Rejected
operator calls CP1 TriggerMessage requestedMessage=MeterValues
expect outcome 'answered Rejected'
operator calls CP1 GetCompositeSchedule connectorId=1 duration=300 chargingRateUnit=A
CP1 << GetCompositeSchedule connectorId=1 duration=300 chargingRateUnit=A
