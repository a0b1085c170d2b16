station CP1
CP1 boots
CP1 > raw garbage1
CP1 > raw garbage2
CP1 > raw garbage3
CP1 > raw garbage4
CP1 > raw garbage5
CP1 > raw garbage6
CP1 > raw garbage7
CP1 > raw garbage8
CP1 > raw garbage9
CP1 > raw garbage10
CP1 closed 1008
