# syntax=docker/dockerfile:1
# The one program, without anything around it. The base has certificates, the
# time zones and a user who is nobody; it has no shell.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w' -o /out/countersign ./cmd/countersign

# For the health checks: one static program, which does what its name says.
FROM busybox:1.37.0-musl AS busybox

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=busybox /bin/busybox /bin/wget
COPY --from=busybox /bin/busybox /bin/grep
COPY --from=build /out/countersign /usr/local/bin/countersign
ENTRYPOINT ["/usr/local/bin/countersign"]
