# The central system restarted between the start and its repetition.
tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=100 timestamp=@now
CP1 < transactionId=$tx
server restarts
after 10s
CP1 connects
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=100 timestamp=@now-10s
CP1 < transactionId=$tx
expect 1 sessions of=CP1
# ... and the transaction is live again after the restart
CP1 > StopTransaction transactionId=$tx meterStop=1600 timestamp=@now
CP1 < {}
expect 1 sessions state=finished wh=1500
