# A model that answers nothing to "all keys" is asked by name.
station CP1
template all HeartbeatInterval=300
quirks [{"id":"byname","match":{"model":"Lamp"},"set":{"config_by_key":true}}]
CP1 boots
CP1 << GetConfiguration key.0=HeartbeatInterval key.1=absent
