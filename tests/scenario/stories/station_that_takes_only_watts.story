# A W-only station: below its rating a limit is that of one phase, 230 V x A, with numberPhases 1. A one-phase car gets
# the lease, a three-phase car at most the lease on each phase: no reading of the watts gives a phase more.
node N1 20
tag A1
station CP1 grid=N1 safe=6 rating=16
station CP2 grid=N1 safe=6 rating=16
CP1 answers GetConfiguration with {"configurationKey":[{"key":"ChargingScheduleAllowedChargingRateUnit","readonly":true,"value":"Power"}]}
CP1 boots
CP2 boots
after 5s
CP1 << SetChargingProfile csChargingProfiles.chargingProfilePurpose=TxDefaultProfile csChargingProfiles.chargingSchedule.chargingRateUnit=W csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=1380 csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.numberPhases=1
CP2 << SetChargingProfile csChargingProfiles.chargingProfilePurpose=TxDefaultProfile csChargingProfiles.chargingSchedule.chargingRateUnit=A csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=6
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Charging timestamp=@now
CP1 < {}
after 30s
# 14 A: the other lamp's safe current stays counted on every phase
expect point CP1/1 limit=14 confirmed=14
CP1 << SetChargingProfile csChargingProfiles.chargingProfilePurpose=TxProfile csChargingProfiles.transactionId=$tx csChargingProfiles.chargingSchedule.chargingRateUnit=W csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=3220 csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.numberPhases=1 csChargingProfiles.chargingSchedule.chargingSchedulePeriod.1.limit=1380 csChargingProfiles.chargingSchedule.chargingSchedulePeriod.1.numberPhases=1
# a one-phase car: still one phase of the lease
CP1 > MeterValues connectorId=1 transactionId=$tx meterValue=[{"timestamp":"@now","sampledValue":[{"value":"13.9","measurand":"Current.Import","phase":"L1","unit":"A"},{"value":"0","measurand":"Current.Import","phase":"L2","unit":"A"},{"value":"0","measurand":"Current.Import","phase":"L3","unit":"A"}]}]
after 11m
CP1 << SetChargingProfile csChargingProfiles.chargingSchedule.chargingRateUnit=W csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit=3220 csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.numberPhases=1
