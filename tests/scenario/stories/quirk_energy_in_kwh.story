# A model that says Wh and means kWh: corrected by its entry, kept as received.
station CP1
tag A1
quirks [{"id":"kwh","match":{"vendor":"NO?","model":"la*"},"set":{"energy_in_kwh":true,"register_in_kwh":true}}]
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=10 timestamp=@now
CP1 < transactionId=$tx
CP1 > MeterValues connectorId=1 transactionId=$tx 'meterValue=[{"timestamp":"@now","sampledValue":[{"value":"11.5","unit":"Wh"}]}]'
CP1 < {}
expect point CP1/1 wh=1500
CP1 > MeterValues connectorId=1 transactionId=$tx 'meterValue=[{"timestamp":"@now","sampledValue":[{"value":"12","unit":"kWh"}]}]'
CP1 < {}
expect point CP1/1 wh=2000
CP1 > StopTransaction transactionId=$tx meterStop=13 timestamp=@now
CP1 < {}
expect 1 sessions tx=$tx wh=3000
