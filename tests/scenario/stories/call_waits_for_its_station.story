station CP1
operator queues CP1 ClearCache
expect outcome queued
expect 1 calls outcome=queued
CP1 boots
CP1 << ClearCache
expect 1 calls outcome=answered
expect event call.queued
# too late: never sent
CP1 drops
operator queues CP1 Reset type=Soft
after 11m
expect 1 calls outcome=expired action=Reset
CP1 boots
after 20s
CP1 << no Reset
# over a restart, and not twice
CP1 drops
operator queues CP1 GetLocalListVersion
server restarts
CP1 boots
after 10s
CP1 << GetLocalListVersion
server restarts
CP1 boots
after 10s
CP1 << no GetLocalListVersion
expect 1 calls outcome=answered action=GetLocalListVersion
# a secret is not kept: what is not whole does not outlive a restart
CP1 drops
operator queues CP1 ChangeConfiguration key=AuthorizationKey value=6E6F782D736563726574
expect 1 calls outcome=queued payload={"key":"AuthorizationKey","value":"***"}
server restarts
expect 1 calls outcome=expired action=ChangeConfiguration
CP1 boots
after 10s
CP1 << no ChangeConfiguration
