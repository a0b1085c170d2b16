station CP1
CP1 boots
CP1 answers Reset with nothing
CP1 answers ClearCache with nothing
operator calls CP1 Reset type=Hard
after 31s
expect outcome timeout
operator calls CP1 ClearCache
# an answer to something else is not taken for the answer to ClearCache
CP1 > raw [3,"not-the-id",{"status":"Accepted"}]
after 31s
expect outcome timeout
