# noxd's own wishes first, then by priority, then by how narrowly a template chooses; "leave it" takes a wish away.
node N1 32
station CP1 grid=N1 safe=6
station CP2
template all HeartbeatInterval=300 MeterValueSampleInterval=30 BlinkRepeat=1
template lamps HeartbeatInterval=400 model=L*
template first HeartbeatInterval=500 of=CP1
template wins HeartbeatInterval=600 priority=5 of=CP2
template never LightIntensity=1 model=Wallbox
template blink BlinkRepeat=- of=CP2
CP1 boots
CP2 boots
expect key CP1 HeartbeatInterval wanted=500 source=first
expect key CP2 HeartbeatInterval wanted=600 source=wins
expect key CP1 MeterValueSampleInterval wanted=30 source=all
expect key CP1 MeterValuesSampledData source=noxd
expect key CP2 MeterValuesSampledData unwanted
expect key CP1 BlinkRepeat wanted=1
expect key CP2 BlinkRepeat unwanted
expect key CP1 LightIntensity unwanted
