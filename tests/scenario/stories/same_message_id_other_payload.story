# Stations restart their counters: the same id with another payload is another message.
tag A1
station CP1
CP1 boots
CP1 > raw [2,"7","StartTransaction",{"connectorId":1,"idTag":"A1","meterStart":1,"timestamp":"@now"}]
CP1 < transactionId=$one
CP1 > raw [2,"7","StopTransaction",{"transactionId":$one,"meterStop":11,"timestamp":"@now"}]
CP1 < {}
CP1 > raw [2,"7","StartTransaction",{"connectorId":1,"idTag":"A1","meterStart":11,"timestamp":"@now"}]
CP1 < transactionId=$two
expect 1 sessions tx=$one state=finished wh=10
expect 1 sessions tx=$two state=active
