node N1 32
station CP1 grid=N1 safe=6 rating=16
station CP2
CP1 boots
CP2 boots
operator calls CP1 ClearChargingProfile
expect outcome refused
operator calls CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":9,"stackLevel":3,"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Absolute","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16}]}}
expect outcome refused
operator calls CP1 SetChargingProfile connectorId=0 csChargingProfiles={"chargingProfileId":9,"stackLevel":3,"chargingProfilePurpose":"ChargePointMaxProfile","chargingProfileKind":"Absolute","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":10}]}}
expect outcome 'answered Accepted'
# fewer phases: a station that switches would come back with all of them when it ends
operator calls CP1 SetChargingProfile connectorId=0 csChargingProfiles={"chargingProfileId":9,"stackLevel":3,"chargingProfilePurpose":"ChargePointMaxProfile","chargingProfileKind":"Absolute","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":10,"numberPhases":1}]}}
expect outcome refused
operator calls CP2 ClearChargingProfile
expect outcome 'answered Accepted'
