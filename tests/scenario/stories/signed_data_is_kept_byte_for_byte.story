tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
CP1 > StopTransaction transactionId=$tx meterStop=10 timestamp=@now transactionData=[{"timestamp":"@now","sampledValue":[{"value":"OCMF|{\"FV\":\"1.0\",\"RD\":[{\"RV\":  2935.6}]}|{\"SD\":\"3046\"}","format":"SignedData","context":"Transaction.End"}]}]
CP1 < {}
expect 1 samples of=CP1 tx=$tx raw=2935.6
expect 1 sessions tx=$tx wh=10
