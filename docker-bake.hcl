# Builds both images here: `docker buildx bake`. The app's begins with the proxy's of its version as published; here
# that is the one just built, so that both are of one state of this repository.
group "default" {
  targets = ["proxy", "app"]
}

variable "VERSION" {
  default = "0.1.0"
}

target "proxy" {
  context = "."
}

target "app" {
  context = "addon"
  contexts = {
    "ghcr.io/acestream-proxy/acestream-proxy:${VERSION}" = "target:proxy"
  }
}
