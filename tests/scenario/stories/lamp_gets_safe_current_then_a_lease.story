node N1 32
tag A1
station CP1 grid=N1 safe=6 rating=16
station CP2 grid=N1 safe=6 rating=16
station CP3 grid=N1 safe=6 rating=16
CP1 boots
CP2 boots
CP3 boots
after 5s
CP1 << SetChargingProfile connectorId=1 csChargingProfiles.chargingProfilePurpose=TxDefaultProfile csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=6 csChargingProfiles.chargingSchedule.startSchedule=1970-01-01T00:00:00.000Z
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Charging timestamp=@now
CP1 < {}
after 30s
CP1 << SetChargingProfile csChargingProfiles.chargingProfilePurpose=TxProfile csChargingProfiles.transactionId=$tx csChargingProfiles.chargingProfileKind=Absolute csChargingProfiles.chargingSchedule.chargingRateUnit=A csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=16 csChargingProfiles.chargingSchedule.chargingSchedulePeriod.1.limit=6
expect point CP1/1 limit=16 confirmed=16 reserve=16
