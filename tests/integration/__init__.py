"""The face in Home Assistant: a real `hass`, the real proxy, an emulated engine on a socket."""
