# The connection breaks while keys are set: the next connection goes on, also without a boot.
station CP1
template all HeartbeatInterval=300
CP1 answers GetConfiguration with {"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"60"}]}
CP1 answers ChangeConfiguration with nothing
CP1 boots
CP1 << ChangeConfiguration key=HeartbeatInterval
CP1 drops
expect key CP1 HeartbeatInterval state=differs
CP1 answers ChangeConfiguration with Accepted
CP1 connects
CP1 > Heartbeat
CP1 < currentTime=present
CP1 << ChangeConfiguration key=HeartbeatInterval value="300"
operator configures CP2 nobody
expect outcome 'the station is not connected; nothing was sent'
