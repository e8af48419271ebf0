"""One upstream, many subscribers: no sockets."""
