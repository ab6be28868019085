# syntax=docker/dockerfile:1
# Two images from one source: `compress` trains on an NVIDIA GPU, `audit` decides about releases.
#
#   docker build --target compress --tag scdeploy:compress .
#   docker build --target audit --tag scdeploy:audit .
#   docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/data" scdeploy:audit audit runs/mine
#
# Nobody has built them yet.
#
# They run as nobody in particular, so that a run folder of the host needs its owner's id as above.

FROM python:3.11-slim-bookworm AS wheel
WORKDIR /src
RUN pip install --no-cache-dir build==1.3.0
COPY pyproject.toml README.md LICENSE ./
# The links sc_deploy/targets and sc_deploy/cli need their folders beside them.
COPY sc_deploy sc_deploy
COPY targets targets
COPY cli cli
RUN python -m build --wheel --outdir /dist


# torch brings its own CUDA libraries; from this image come the driver's interface and its checks.
FROM nvidia/cuda:13.0.2-runtime-ubuntu24.04 AS compress
LABEL org.opencontainers.image.title="scdeploy compress" \
      org.opencontainers.image.description="Compress and export classifiers on an NVIDIA GPU" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
# Ubuntu's own patches, not a version that its archive will have dropped by the next build.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /venv \
    && useradd --create-home --uid 10001 scdeploy
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp/cache
RUN --mount=type=bind,from=wheel,source=/dist,target=/dist \
    pip install --no-cache-dir "$(echo /dist/*.whl)[all]"
USER 10001
WORKDIR /data
ENTRYPOINT ["scdeploy"]
CMD ["--help"]


FROM python:3.11-slim-bookworm AS audit
LABEL org.opencontainers.image.title="scdeploy audit" \
      org.opencontainers.image.description="Audit exported ONNX classifiers before they ship" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
ENV PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp/cache
RUN --mount=type=bind,from=wheel,source=/dist,target=/dist \
    pip install --no-cache-dir "$(echo /dist/*.whl)[onnx]" \
    && useradd --create-home --uid 10001 scdeploy
USER 10001
WORKDIR /data
ENTRYPOINT ["scdeploy"]
CMD ["--help"]
