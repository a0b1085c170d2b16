# The stop was lost; a new car comes.  The old session is closed, and its late stop still counts.
tag A1
tag A2
station CP1
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$old
after 2h
CP1 > StartTransaction connectorId=1 idTag=A2 meterStart=7000 timestamp=@now
CP1 < transactionId=$new
expect 1 sessions tx=$old state=provisional
expect 1 sessions tx=$new state=active
CP1 > StopTransaction transactionId=$old meterStop=6900 timestamp=@now-1h
CP1 < {}
expect 1 sessions tx=$old state=finished wh=6900
expect 1 sessions tx=$new state=active
