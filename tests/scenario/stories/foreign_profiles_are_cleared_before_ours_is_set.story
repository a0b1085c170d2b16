# While the station is busy, the urgent profile waits behind the clearing, which would remove it as well.
node N1 32
station CP1 grid=N1 safe=6 rating=16
CP1 answers GetConfiguration with nothing
CP1 boots
after 35s
CP1 << ClearChargingProfile connectorId=0 chargingProfilePurpose=TxDefaultProfile
CP1 << ClearChargingProfile connectorId=1 chargingProfilePurpose=TxDefaultProfile
CP1 << SetChargingProfile connectorId=1 csChargingProfiles.chargingProfilePurpose=TxDefaultProfile csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=6
after 2m
CP1 << no ClearChargingProfile
