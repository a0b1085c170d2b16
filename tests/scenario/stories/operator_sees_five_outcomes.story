station CP1
operator calls CP1 Reset type=Soft
expect outcome offline
CP1 boots
operator calls CP1 Reset type=Soft
expect outcome 'answered Accepted'
CP1 answers Reset with Rejected
operator calls CP1 Reset type=Hard
expect outcome 'answered Rejected'
CP1 answers Reset with CALLERROR
operator calls CP1 Reset type=Hard
expect outcome callerror
CP1 answers Reset with nothing
operator calls CP1 Reset type=Hard
after 31s
expect outcome timeout
operator calls CP1 Reset type=Hard
CP1 drops
expect outcome lost
