# A ceiling under the id of one of our profiles would replace it.
node N1 32
station CP1 grid=N1 safe=6 rating=16
CP1 boots
after 20s
operator calls CP1 SetChargingProfile connectorId=0 csChargingProfiles={"chargingProfileId":11,"stackLevel":3,"chargingProfilePurpose":"ChargePointMaxProfile","chargingProfileKind":"Absolute","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16}]}}
expect outcome refused
