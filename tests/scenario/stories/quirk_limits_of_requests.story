# Longer requests than the model takes are not sent; how long it may take to answer is its own.
station CP1
quirks [{"id":"small","match":{"model":"Lamp"},"set":{"max_message_bytes":200,"call_timeout_s":90,"no_trigger":true,"short_times":true,"strict":true}}]
CP1 boots
operator calls CP1 DataTransfer vendorId=v data=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
expect outcome refused
CP1 << no DataTransfer
CP1 answers ClearCache with nothing
operator calls CP1 ClearCache
after 60s
expect no event call.timeout
after 31s
expect event call.timeout

# It is not asked for its status, strictly read.
CP1 drops
CP1 connects
CP1 > Heartbeat surplus=1
CP1 < CALLERROR FormationViolation
after 10s
CP1 << no TriggerMessage
CP1 > Heartbeat
CP1 < currentTime=$time
