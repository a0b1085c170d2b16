# TC_011_2_CSMS: the station takes the remote start, nobody plugs in.
station CP1
tag A1
CP1 boots
operator calls CP1 RemoteStartTransaction connectorId=1 idTag=A1
expect outcome 'answered Accepted'
expect point CP1/1 starting=1
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Preparing timestamp=@now
after 1m
expect point CP1/1 starting=1
CP1 > StatusNotification connectorId=1 errorCode=NoError status=Available timestamp=@now
CP1 < {}
CP1 < {}
expect point CP1/1 starting=0
expect event start.timed-out
# without a word of the station
operator calls CP1 RemoteStartTransaction connectorId=1 idTag=A1
after 3m
expect point CP1/1 starting=0
# and one that begins
operator calls CP1 RemoteStartTransaction connectorId=1 idTag=A1
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
after 1s
expect point CP1/1 starting=0
