# A template that changes while a station is still being set goes out when that has ended.
station CP1
template all HeartbeatInterval=300
CP1 answers GetConfiguration with {"configurationKey":[{"key":"HeartbeatInterval","readonly":false,"value":"60"}]}
CP1 answers ChangeConfiguration with nothing
CP1 boots
CP1 << ChangeConfiguration key=HeartbeatInterval value="300"
template all HeartbeatInterval=200
CP1 answers ChangeConfiguration with Accepted
after 31s
CP1 << ChangeConfiguration key=HeartbeatInterval value="200"
