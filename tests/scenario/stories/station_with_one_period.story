# ChargingScheduleMaxPeriods 1: the lease ends with the schedule, then the TxDefaultProfile holds.
node N1 20
tag A1
station CP1 grid=N1 safe=6 rating=16
station CP2 grid=N1 safe=6 rating=16
CP1 answers GetConfiguration with {"configurationKey":[{"key":"ChargingScheduleMaxPeriods","readonly":true,"value":"1"}]}
CP1 boots
CP2 boots
after 5s
CP1 << SetChargingProfile csChargingProfiles.chargingProfilePurpose=TxDefaultProfile csChargingProfiles.chargingSchedule.duration=absent
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Charging timestamp=@now
after 30s
CP1 << SetChargingProfile csChargingProfiles.chargingProfilePurpose=TxProfile csChargingProfiles.chargingSchedule.chargingRateUnit=A csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=14 csChargingProfiles.chargingSchedule.chargingSchedulePeriod.1=absent csChargingProfiles.chargingSchedule.duration=present
expect point CP1/1 limit=14 confirmed=14
