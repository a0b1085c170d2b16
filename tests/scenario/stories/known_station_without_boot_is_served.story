# OCPP-J 5.4: after a reconnect there need not be a BootNotification.
tag A1
station CP1
CP1 connects
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=present idTagInfo.status=Accepted
# and we ask how its connectors are
CP1 << TriggerMessage requestedMessage=StatusNotification connectorId=1
