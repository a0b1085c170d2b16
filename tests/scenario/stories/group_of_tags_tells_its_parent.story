tag CHILD parent=FAMILY
station CP1
CP1 boots
CP1 > Authorize idTag=CHILD
CP1 < idTagInfo.status=Accepted idTagInfo.parentIdTag=FAMILY
# a parent is a group name, no token
CP1 > Authorize idTag=FAMILY
CP1 < idTagInfo.status=Invalid
