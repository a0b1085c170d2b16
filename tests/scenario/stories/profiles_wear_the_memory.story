# Each charging profile may be a write to flash: more than the model bears are told of, and lowering goes on.
quirks [{"id":"worn","match":{"model":"Lamp"},"set":{"max_profile_writes_per_day":4}}]
node N1 30
tag A1
station CP1 grid=N1 safe=0 rating=32
CP1 connects
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp
CP1 < status=Accepted
after 20s
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
after 5m
expect point CP1/1 confirmed=30
expect no event station.writes
after 1h
expect event station.writes
operator limits N1 10
after 5s
expect point CP1/1 confirmed=10
