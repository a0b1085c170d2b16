tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
CP1 > raw [2,"a","MeterValues",{"connectorId":1,"transactionId":$tx,"meterValue":[{"timestamp":"2026-09-21T13:00:00Z","sampledValue":[{"value":"250"}]}]}]
CP1 < {}
CP1 drops
after 1m
CP1 connects
CP1 > raw [2,"b","MeterValues",{"connectorId":1,"transactionId":$tx,"meterValue":[{"timestamp":"2026-09-21T13:00:00Z","sampledValue":[{"value":"250"}]}]}]
CP1 < {}
expect 1 samples of=CP1
