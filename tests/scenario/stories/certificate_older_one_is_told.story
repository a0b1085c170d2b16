# Both are accepted until the newer one is seen; an older one after that is told to the operator.
station CP1
CP1 boots
CP1 shows f1 age=1000
CP1 drops
CP1 boots
CP1 shows f2
expect no event cert.old-used
CP1 drops
CP1 boots
CP1 shows f1 age=1000
expect event cert.old-used
