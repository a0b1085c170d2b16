# The clock was never set: both times are kept, receipt counts, the session closes.
tag A1
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=1970-01-01T00:10:00Z
CP1 < transactionId=$tx idTagInfo.status=Accepted
after 30m
CP1 > StopTransaction transactionId=$tx meterStop=900 timestamp=1970-01-01T00:40:00Z
CP1 < {}
expect 1 sessions tx=$tx state=finished wh=900 flag=clock-wrong seconds=1800
