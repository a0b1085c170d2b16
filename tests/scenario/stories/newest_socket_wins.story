station CP1
CP1 boots
CP1 connects
expect event station.replaced
CP1 > Heartbeat
CP1 < currentTime=present
CP1 drops
expect event station.disconnected
