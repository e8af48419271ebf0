# The proxy alone, without an engine: what `acestream-proxy` needs, and nothing else.
#
#   docker run -p 8080:8080 ghcr.io/acestream-proxy/acestream-proxy --engine http://192.168.1.20:6878
#
# The app for Home Assistant (addon/Dockerfile) is built upon it.
FROM python:3.14-slim-trixie

# Debian mends its stable release without changing what programs do, so its newest packages are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ffmpeg \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 900 --home-dir /data --shell /usr/sbin/nologin acestream-proxy \
    && install --directory --owner acestream-proxy /data

COPY requirements/proxy.txt /tmp/proxy.txt
RUN pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r /tmp/proxy.txt \
    && rm /tmp/proxy.txt

# The folder works under any name, so there is nothing to build.
COPY custom_components/acestream_proxy/proxy /usr/local/lib/python3.14/site-packages/acestream_proxy
RUN python3 -m compileall -q /usr/local/lib/python3.14/site-packages/acestream_proxy

# A variable or an option of whoever runs it counts more.
ENV ACESTREAM_PROXY_LISTEN=0.0.0.0:8080 \
    ACESTREAM_PROXY_DATA=/data

USER 900
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --start-period=30s CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=5)"]
ENTRYPOINT ["python3", "-P", "-m", "acestream_proxy"]
