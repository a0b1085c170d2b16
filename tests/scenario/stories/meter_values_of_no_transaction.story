# For a finished or unknown transaction, on connector 0, or without any: kept as they came.
tag A1
station CP1
CP1 boots
CP1 > MeterValues connectorId=0 meterValue=[{"timestamp":"@now","sampledValue":[{"value":"1"}]}]
CP1 < {}
CP1 > MeterValues connectorId=1 transactionId=999 meterValue=[{"timestamp":"@now","sampledValue":[{"value":"2"}]}]
CP1 < {}
CP1 > MeterValues connectorId=1 meterValue=[{"timestamp":"@now","sampledValue":[{"value":"3"}]}]
CP1 < {}
expect 3 samples of=CP1
