station CP1
CP1 boots
CP1 answers Reset with nothing
operator calls CP1 Reset type=Soft
operator calls CP1 ClearCache
CP1 << Reset type=Soft
CP1 << no ClearCache
after 31s
CP1 << ClearCache
expect outcome 'answered Accepted'
