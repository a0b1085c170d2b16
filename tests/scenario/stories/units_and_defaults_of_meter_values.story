# kWh, a value without measurand and unit, a number instead of text, per-phase registers, Celcius.
tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=1000 timestamp=@now
CP1 < transactionId=$tx
CP1 > MeterValues connectorId=1 transactionId=$tx meterValue=[{"timestamp":"@now","sampledValue":[{"value":"1.250","unit":"kWh","measurand":"Energy.Active.Import.Register"}]}]
CP1 < {}
expect point CP1/1 wh=250
CP1 > MeterValues connectorId=1 transactionId=$tx meterValue=[{"timestamp":"@now+1s","sampledValue":[{"value":"1300"}]}]
CP1 < {}
expect point CP1/1 wh=300
CP1 > MeterValues connectorId=1 transactionId=$tx meterValue=[{"timestamp":"@now+2s","sampledValue":[{"value":1400.0},{"value":"21","measurand":"Temperature","unit":"Celcius"}]}]
CP1 < {}
expect point CP1/1 wh=400
CP1 > MeterValues connectorId=1 transactionId=$tx meterValue=[{"timestamp":"@now+3s","sampledValue":[{"value":"470","phase":"L1"},{"value":"NaN"}]}]
CP1 < {}
expect point CP1/1 wh=400
expect 4 samples of=CP1
