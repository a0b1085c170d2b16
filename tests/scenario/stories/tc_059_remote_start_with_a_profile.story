# TC_059_CSMS: a TxProfile without transactionId rides in the remote start.
station CP1
tag A1
CP1 boots
operator calls CP1 RemoteStartTransaction connectorId=1 idTag=A1 chargingProfile={"chargingProfileId":3,"stackLevel":0,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Absolute","chargingSchedule":{"duration":3600,"startSchedule":"2026-11-01T00:00:00Z","chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":6.0,"numberPhases":3}]}}
CP1 << RemoteStartTransaction chargingProfile.chargingProfilePurpose=TxProfile chargingProfile.transactionId=absent chargingProfile.chargingSchedule.chargingSchedulePeriod.0.startPeriod=0
expect outcome 'answered Accepted'
