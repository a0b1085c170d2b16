# Unknown and rejected keys are tried once per firmware and wish; an operator may try again.
station CP1
template all BlinkRepeat=3 HeartbeatInterval=300
CP1 answers GetConfiguration with {"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"60"},{"key":"GetConfigurationMaxKeys","readonly":true,"value":"1"}]}
CP1 answers ChangeConfiguration with Rejected
CP1 boots
CP1 << GetConfiguration
CP1 << GetConfiguration key.0=BlinkRepeat key.1=absent
CP1 << ChangeConfiguration key=HeartbeatInterval
expect key CP1 BlinkRepeat 'state=not supported'
expect key CP1 HeartbeatInterval state=rejected reported=60
CP1 drops
CP1 boots
CP1 << no ChangeConfiguration

# Another wish is tried.
template all BlinkRepeat=3 HeartbeatInterval=200
after 1s
CP1 << ChangeConfiguration key=HeartbeatInterval value="200"
expect key CP1 HeartbeatInterval state=rejected

# By hand everything is tried again, and who asked is kept.
operator configures CP1 again
CP1 << ChangeConfiguration key=BlinkRepeat
CP1 << ChangeConfiguration key=HeartbeatInterval
expect outcome '0 set 0 same 2 drift'
expect key CP1 HeartbeatInterval state=rejected who=otto

# A new firmware may know better.
CP1 > BootNotification chargePointVendor=NOX chargePointModel=Lamp firmwareVersion="2.0"
CP1 < status=Accepted
CP1 << ChangeConfiguration key=HeartbeatInterval value="200"
