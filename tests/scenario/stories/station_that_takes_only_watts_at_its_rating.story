# At its rating a W-only station may have all its phases: it cannot give a phase more. Written "W" by this one; after a
# restart of the server it is still known.
node N1 32
tag A1
station CP1 grid=N1 safe=6 rating=16
CP1 answers GetConfiguration with {"configurationKey":[{"key":"chargingScheduleAllowedChargingRateUnit","readonly":true,"value":"W"},{"key":"ChargingScheduleMaxPeriods","readonly":true,"value":"1"}]}
CP1 boots
after 5s
CP1 drops
server restarts
CP1 connects
after 10s
CP1 << SetChargingProfile csChargingProfiles.chargingProfilePurpose=TxDefaultProfile
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Charging timestamp=@now
after 30s
expect point CP1/1 limit=16
CP1 << SetChargingProfile csChargingProfiles.chargingProfilePurpose=TxProfile csChargingProfiles.chargingSchedule.chargingRateUnit=W csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=11040 csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.numberPhases=3
