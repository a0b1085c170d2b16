# Unknown ids, 0 and -1 are confirmed and kept, never an error: some stations would repeat for ever.
station CP1
CP1 boots
CP1 > StopTransaction transactionId=4711 meterStop=10 timestamp=@now
CP1 < {}
CP1 > StopTransaction transactionId=0 meterStop=11 timestamp=@now idTag=X
CP1 < idTagInfo.status=Invalid
CP1 > StopTransaction transactionId=-1 meterStop=12 timestamp=@now
CP1 < {}
expect 3 orphans
expect 0 sessions of=CP1
