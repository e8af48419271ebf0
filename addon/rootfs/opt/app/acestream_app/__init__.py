"""The app (formerly add-on): an AceStream engine and the proxy, kept running side by side.

options.json ──▶ Options ─┬─▶ commands ──▶ Program: engine   (loopback, unless it is off or missing)
                          └─▶ commands ──▶ Program: proxy    (the app's port)
proxy's /ready ──▶ watch ──▶ the engine is started again if it answers, but nothing plays
proxy.yaml ──▶ follow ──▶ the proxy reads it again
Supervisor ◀── announce: where Home Assistant finds the proxy

It runs as root, since only root may read what the Supervisor writes, and starts both programs as
users of their own, who are told no token. An init of Docker's is above it (`init: true`, the
Supervisor's default) and reaps what others leave behind, so that this needs no process supervision
system: two programs with one rule between them, the order in which they stop, are less to write in
Python than to explain in the files of one.
"""
