# A list with an entry that the station does not know is refused as a whole: what works is kept.
station CP1
template all MeterValuesSampledData=Voltage,Temperature,Current.Import StopTxnSampledData=Voltage,Power.Factor,SoC
CP1 answers GetConfiguration with {"configurationKey":[{"key":"MeterValuesSampledData","readonly":false,"value":""},{"key":"StopTxnSampledData","readonly":false,"value":"Voltage,Power.Factor"},{"key":"StopTxnSampledDataMaxLength","readonly":true,"value":"2"}]}
CP1 answers ChangeConfiguration with NotSupported
CP1 boots
CP1 << ChangeConfiguration key=MeterValuesSampledData value=Voltage,Temperature,Current.Import
CP1 << ChangeConfiguration key=MeterValuesSampledData value=Voltage
CP1 << ChangeConfiguration key=MeterValuesSampledData value=Temperature
CP1 << ChangeConfiguration key=MeterValuesSampledData value=Current.Import
CP1 << no ChangeConfiguration
expect key CP1 MeterValuesSampledData state=rejected

# No more than it has room for: that is set already.
expect key CP1 StopTxnSampledData 'state=in part' 'note=the station has room for 2 entries'
