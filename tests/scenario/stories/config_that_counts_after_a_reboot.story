# RebootRequired is shown until the next boot; a value that has not changed by then is not tried for ever.
station CP1
tag A1
template all ConnectionTimeOut=90
CP1 answers GetConfiguration with {"configurationKey":[{"key":"ConnectionTimeOut","readonly":false,"value":"60"}]}
CP1 answers ChangeConfiguration with RebootRequired
CP1 boots
CP1 << ChangeConfiguration key=ConnectionTimeOut value="90"
expect key CP1 ConnectionTimeOut 'state=reboot required'
server restarts
CP1 connects
CP1 > Heartbeat
CP1 < currentTime=present
expect key CP1 ConnectionTimeOut 'state=reboot required'
CP1 << no Reset
CP1 answers GetConfiguration with {"configurationKey":[{"key":"ConnectionTimeOut","readonly":false,"value":"90"}]}
after 1s
CP1 boots
expect key CP1 ConnectionTimeOut state=same
CP1 << no ChangeConfiguration

# It takes it again and again, and nothing changes: one try.
template all ConnectionTimeOut=120
after 1s
CP1 << ChangeConfiguration value="120"
after 1s
CP1 boots
expect key CP1 ConnectionTimeOut state=ignored reported=90
CP1 << no ChangeConfiguration

# A template may allow a reset, of an idle station only.
template all ConnectionTimeOut=150 reboot=1
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$tx
after 5m
CP1 << no Reset
CP1 > StopTransaction transactionId=$tx meterStop=10 timestamp=@now
CP1 < {}
after 2m
CP1 << Reset type=Soft
