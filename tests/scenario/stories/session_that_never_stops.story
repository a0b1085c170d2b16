# Power cut, station replaced: closed by rule with the last known register; a late stop corrects.
tag A1
tariff T price_e4=10000
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
after 10m
CP1 > MeterValues connectorId=1 transactionId=$tx meterValue=[{"timestamp":"@now","sampledValue":[{"value":"3000"}]}]
CP1 < {}
CP1 drops
after 8d
expect 1 sessions tx=$tx state=provisional wh=3000
expect 1 cdrs kind=normal wh=3000 cents=300
CP1 connects
CP1 > StopTransaction transactionId=$tx meterStop=5000 timestamp=@now reason=PowerLoss
CP1 < {}
expect 1 sessions tx=$tx state=finished wh=5000 flag=corrected
expect 1 cdrs kind=credit wh=-3000 cents=-300
expect 1 cdrs kind=replacement wh=5000 cents=500
expect 3 cdrs of=CP1
