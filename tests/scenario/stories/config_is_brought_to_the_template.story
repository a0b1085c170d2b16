# Keys that differ are set and read back; equal ones in another spelling are left alone.
station CP1
template lamps HeartbeatInterval=300 LocalAuthorizeOffline=true StopTxnSampledData=Voltage,Current.Import MinimumStatusDuration=5 model=La*
CP1 answers GetConfiguration with {"configurationKey":[{"key":"heartbeatinterval","readonly":false,"value":"86400"},{"key":"LocalAuthorizeOffline","readonly":false,"value":"TRUE"},{"key":"StopTxnSampledData","readonly":false,"value":"Current.Import, Voltage"},{"key":"MinimumStatusDuration","readonly":true,"value":"0"}]}
CP1 boots
CP1 << GetConfiguration
CP1 << ChangeConfiguration key=HeartbeatInterval value="300"
CP1 << GetConfiguration key.0=HeartbeatInterval
CP1 << no ChangeConfiguration
expect key CP1 LocalAuthorizeOffline state=same source=lamps
expect key CP1 StopTxnSampledData state=same
expect key CP1 MinimumStatusDuration state=read-only reported=0
expect key CP1 HeartbeatInterval state=ignored reported=86400
expect event station.configured

# What was said no to is not tried at each boot, also after a restart of the server.
server restarts
CP1 boots
CP1 << GetConfiguration
CP1 << no ChangeConfiguration
expect key CP1 HeartbeatInterval state=ignored
