# A station that comes under the balancer with a profile of its session on it, set by hand: it would outrank ours.
tag A1
station CP1 rating=16 safe=6
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
operator calls CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":91,"stackLevel":1,"transactionId":$tx,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16}]}}
expect outcome 'answered Accepted'
expect 1 profiles id=91
# one more waits for the station and must not go out later
CP1 drops
operator queues CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":92,"stackLevel":2,"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":16}]}}
expect outcome queued
node N1 32
station CP1 grid=N1 rating=16 safe=6
CP1 boots
after 10s
CP1 << ClearChargingProfile id=91
CP1 << SetChargingProfile csChargingProfiles.chargingProfileId=11
expect 0 profiles id=91
expect 0 profiles id=92
expect 1 calls action=SetChargingProfile outcome=refused
