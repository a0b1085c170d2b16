# Who asked what of which station, why, and what came of it.
station CP1
operator calls CP1 Reset type=Soft
expect outcome offline
expect 1 calls of=CP1 action=Reset outcome=offline who=otto why=story
CP1 boots
operator calls CP1 Reset type=Hard
expect outcome 'answered Accepted'
expect 1 calls outcome=answered answer={"status":"Accepted"} payload={"type":"Hard"}
CP1 answers Reset with CALLERROR
operator calls CP1 Reset type=Hard
expect 1 calls outcome=callerror
CP1 answers Reset with nothing
operator calls CP1 Reset type=Hard
expect 1 calls outcome=open
after 31s
expect 1 calls outcome=timeout
operator calls CP1 Reset type=Hard
CP1 drops
expect 1 calls outcome=lost
