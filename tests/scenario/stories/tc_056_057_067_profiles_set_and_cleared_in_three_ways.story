# TC_056_CSMS, TC_057_CSMS and TC_067_CSMS on a station that is not balanced: three profiles, three ways to clear them.
station CP1
tag A1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
operator calls CP1 SetChargingProfile connectorId=0 csChargingProfiles={"chargingProfileId":1,"stackLevel":0,"chargingProfilePurpose":"ChargePointMaxProfile","chargingProfileKind":"Absolute","chargingSchedule":{"duration":3600,"startSchedule":"2026-11-01T00:00:00Z","chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":6.0,"numberPhases":3}]}}
CP1 << SetChargingProfile connectorId=0
operator calls CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":2,"stackLevel":0,"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Absolute","validFrom":"2026-11-01T00:00:00Z","validTo":"2027-11-01T00:00:00Z","chargingSchedule":{"duration":3600,"startSchedule":"2026-11-01T00:00:00Z","chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":6.0,"numberPhases":3}]}}
CP1 << SetChargingProfile connectorId=1 csChargingProfiles.chargingProfilePurpose=TxDefaultProfile csChargingProfiles.validFrom=present csChargingProfiles.validTo=present csChargingProfiles.transactionId=absent csChargingProfiles.recurrencyKind=absent csChargingProfiles.chargingSchedule.duration=3600 csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=6
operator calls CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":3,"stackLevel":0,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Absolute","transactionId":$tx,"chargingSchedule":{"duration":3600,"startSchedule":"2026-11-01T00:00:00Z","chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":6.0,"numberPhases":3}]}}
CP1 << SetChargingProfile connectorId=1 csChargingProfiles.chargingProfilePurpose=TxProfile csChargingProfiles.transactionId=$tx
expect 3 profiles of=CP1
# by id
operator calls CP1 ClearChargingProfile id=3
CP1 << ClearChargingProfile id=3 connectorId=absent
expect 2 profiles of=CP1
# by criteria
operator calls CP1 ClearChargingProfile connectorId=1 chargingProfilePurpose=TxDefaultProfile stackLevel=0
expect 1 profiles id=1
# all; a station that knows none says Unknown
CP1 answers ClearChargingProfile with Unknown
operator calls CP1 ClearChargingProfile
expect 0 profiles of=CP1
# what is refused is not installed; after a restart the rest is known
CP1 answers SetChargingProfile with Rejected
operator calls CP1 SetChargingProfile connectorId=0 csChargingProfiles={"chargingProfileId":1,"stackLevel":0,"chargingProfilePurpose":"ChargePointMaxProfile","chargingProfileKind":"Absolute","chargingSchedule":{"duration":3600,"startSchedule":"2026-11-01T00:00:00Z","chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":6.0,"numberPhases":3}]}}
expect 0 profiles of=CP1
