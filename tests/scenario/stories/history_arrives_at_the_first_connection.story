# Three sessions and a fourth that still runs, delivered in one go after a night offline.
node N1 32
tag A1
station CP1 grid=N1 safe=6 rating=16
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now-9h
CP1 < transactionId=$a
CP1 > StopTransaction transactionId=$a meterStop=1000 timestamp=@now-8h
CP1 < {}
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000 timestamp=@now-7h
CP1 < transactionId=$b
CP1 > StopTransaction transactionId=$b meterStop=2500 timestamp=@now-6h
CP1 < {}
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=2500 timestamp=@now-1h
CP1 < transactionId=$c
after 30s
# no profile for history, one for the session that still runs
CP1 << SetChargingProfile csChargingProfiles.chargingProfilePurpose=TxDefaultProfile
CP1 << SetChargingProfile csChargingProfiles.transactionId=$c
expect 2 sessions of=CP1 state=finished flag=late
expect 1 sessions of=CP1 state=active
