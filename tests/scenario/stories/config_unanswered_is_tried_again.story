# A station that answers too late once and stays connected: tried again after some minutes, each time later.
station CP1
template all HeartbeatInterval=300
CP1 answers GetConfiguration with nothing
CP1 boots
CP1 << GetConfiguration
after 2m
expect key CP1 HeartbeatInterval state=unread
CP1 << GetConfiguration key.0=HeartbeatInterval
CP1 << no GetConfiguration
after 10m
CP1 << GetConfiguration
after 10m
CP1 << GetConfiguration key.0=HeartbeatInterval
CP1 << no GetConfiguration
CP1 answers GetConfiguration with {"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"60"}]}
CP1 answers ChangeConfiguration with nothing
after 12m
CP1 << ChangeConfiguration key=HeartbeatInterval value="300"
after 2m
expect key CP1 HeartbeatInterval state=unanswered
CP1 answers ChangeConfiguration with Accepted
after 42m
CP1 << ChangeConfiguration key=HeartbeatInterval value="300"
