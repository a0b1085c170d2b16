# On a balanced connector an operator's profile may only allow nothing, above our stack level; and only what is not
# ours is cleared.
node N1 32
tag A1
station CP1 grid=N1 safe=6 rating=16
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Charging timestamp=@now
after 30s
operator calls CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":91,"stackLevel":1,"transactionId":$tx,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":0}]}}
expect outcome 'answered Accepted'
expect 1 profiles id=91 purpose=TxProfile
expect 1 profiles id=12 purpose=TxProfile
operator calls CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":92,"stackLevel":1,"transactionId":$tx,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":6}]}}
expect outcome refused
operator calls CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":92,"stackLevel":1,"transactionId":$tx,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"W","chargingSchedulePeriod":[{"startPeriod":0,"limit":1}]}}
expect outcome refused
operator calls CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":92,"stackLevel":0,"transactionId":$tx,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":0}]}}
expect outcome refused
operator calls CP1 SetChargingProfile connectorId=1 csChargingProfiles={"chargingProfileId":12,"stackLevel":1,"transactionId":$tx,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":0}]}}
expect outcome refused
operator calls CP1 SetChargingProfile connectorId=0 csChargingProfiles={"chargingProfileId":92,"stackLevel":1,"transactionId":$tx,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":0}]}}
expect outcome refused
operator calls CP1 ClearChargingProfile
expect outcome refused
operator calls CP1 ClearChargingProfile id=12
expect outcome refused
operator calls CP1 ClearChargingProfile connectorId=1 chargingProfilePurpose=TxProfile
expect outcome refused
operator calls CP1 ClearChargingProfile chargingProfilePurpose=TxProfile stackLevel=0
expect outcome refused
operator calls CP1 ClearChargingProfile id=91
expect outcome 'answered Accepted'
expect 0 profiles id=91
operator calls CP1 RemoteStartTransaction connectorId=1 idTag=A1 chargingProfile={"chargingProfileId":91,"stackLevel":1,"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":6}]}}
expect outcome refused
CP1 > StopTransaction transactionId=$tx meterStop=10 timestamp=@now
after 1s
expect 0 profiles purpose=TxProfile
expect 1 profiles purpose=TxDefaultProfile
