station CP1
CP1 boots
CP1 answers Reset with nothing
operator calls CP1 Reset type=Hard
CP1 << Reset type=Hard
server restarts
expect 1 calls outcome=lost action=Reset
CP1 boots
after 20s
CP1 << no Reset
