"""What the proxy costs, and what its viewers get: measured beside others, in one run.

    source (C) ──8 Mbit/s per content──▶ target ──▶ load (C): viewers that look at every packet

A target is what is measured: the proxy alone, the proxy inside Home Assistant, `baseline`, which
fans out as the known Python proxies do, and `limit`, a minimal fan-out in C. The target has one
core for itself, the generators have another; how busy those were is reported with every figure,
for a generator at its own limit is what would be measured.

    figures/          one function for each group of figures
    report.py         makes ratios, goals and tables of what those return
    lab.py            starts source, target and load, and samples what they use
    c/                source, load and limit
    hls.py            viewers of HLS
    demo_engine.py    a source with pictures and sound, for what has to decode them

`scripts/benchmark` runs all of it. What a long list of channels costs is measured apart from that,
by `lineup`, with a `long_list` and `waits` of the event loop.
"""
