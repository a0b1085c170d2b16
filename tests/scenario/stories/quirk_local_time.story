# Time stamps without a zone are the station's local time where its entry says so.
station CP1
tag A1
quirks [{"id":"zone","match":{"model":"Lamp"},"set":{"local_time":"+02:00"}}]
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp="2026-09-21T14:00:00"
CP1 < transactionId=$tx
CP1 > StopTransaction transactionId=$tx meterStop=10 timestamp="2026-09-21T12:30:00Z"
CP1 < {}
expect 1 sessions tx=$tx seconds=1800
quirks [{"id":"zone","match":{"model":"Lamp"},"set":{"local_time":"CET"}}]
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=20 timestamp="2026-01-21T14:00:00"
CP1 < transactionId=$tx2
CP1 > StopTransaction transactionId=$tx2 meterStop=30 timestamp="2026-01-21T13:30:00Z"
CP1 < {}
expect 1 sessions tx=$tx2 seconds=1800
