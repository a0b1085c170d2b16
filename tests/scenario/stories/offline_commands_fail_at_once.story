# Commands to a station that is not there fail at once, nothing is queued for later.
tag A1
station CP1
expect 0 sessions of=CP1
operator calls CP1 Reset type=Soft
expect outcome offline
