# The very same frame gets the very same answer, even without a timestamp to recognise it by.
tag A1
station CP1
CP1 boots
CP1 > raw [2,"9","StartTransaction",{"connectorId":1,"idTag":"A1","meterStart":1}]
CP1 < transactionId=$tx
after 5s
CP1 > raw [2,"9","StartTransaction",{"connectorId":1,"idTag":"A1","meterStart":1}]
CP1 < transactionId=$tx
expect 1 sessions of=CP1 flag=time-missing
