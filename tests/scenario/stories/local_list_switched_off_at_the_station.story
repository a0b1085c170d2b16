tag A1
station CP1 list=1
CP1 answers GetConfiguration with {"configurationKey":[{"key":"LocalAuthListEnabled","readonly":false,"value":"false"}]}
CP1 boots
after 20s
CP1 << no SendLocalList
expect list CP1 state=unable
