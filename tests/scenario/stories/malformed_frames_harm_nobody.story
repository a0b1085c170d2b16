station CP1
CP1 boots
CP1 > raw {"no":"array"}
CP1 < nothing
CP1 > raw not-json
CP1 < nothing
CP1 > raw [2,"x"]
CP1 < CALLERROR FormationViolation
CP1 > raw [2,"y","Heartbeat",[1,2]]
CP1 < CALLERROR FormationViolation
CP1 > raw [9,"z","Heartbeat",{}]
CP1 < nothing
CP1 > raw [3,"unknown-answer",{}]
CP1 < nothing
CP1 > raw [2,12345,"Heartbeat",{}]
CP1 < currentTime=present
CP1 > raw [2,"n","Heartbeat",null]
CP1 < currentTime=present
CP1 > raw [2,"s","Heartbeat",{},"surplus"]
CP1 < currentTime=present
expect event station.garbage
