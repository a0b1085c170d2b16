# A remote start as the model takes it: with a connector, the tag in upper case.
station CP1 connectors=2
tag a1b2
quirks [{"id":"hex","match":{"model":"Lamp"},"set":{"connector_for_start":true,"upper_case_tags":true}}]
CP1 boots
operator calls CP1 RemoteStartTransaction idTag=a1b2
CP1 << RemoteStartTransaction idTag=A1B2 connectorId=1
CP1 > StartTransaction connectorId=1 idTag=A1B2 meterStart=0 timestamp=@now
CP1 < idTagInfo.status=Accepted
operator calls CP1 RemoteStartTransaction idTag=a1b2
CP1 << RemoteStartTransaction idTag=A1B2 connectorId=2
operator calls CP1 RemoteStartTransaction idTag=A1B2 connectorId=1
CP1 << RemoteStartTransaction connectorId=1
