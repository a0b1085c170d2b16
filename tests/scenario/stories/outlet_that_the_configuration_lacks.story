# A second outlet that nobody configured: the operator must hear that the cap does not know it.
node N1 32
tag A1
station CP1 grid=N1 safe=6 rating=16
CP1 boots
CP1 > StartTransaction connectorId=1 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$one
expect no event connector.unknown
CP1 > StartTransaction connectorId=2 idTag=A1 meterStart=0 timestamp=@now
CP1 < transactionId=$two
expect event connector.unknown
