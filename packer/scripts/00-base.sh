#!/bin/sh
# Brings the system up to date.
set -eu
export DEBIAN_FRONTEND=noninteractive

# The first boot still writes package sources and holds apt's lock. A chroot has none.
if [ -d /run/cloud-init ]; then cloud-init status --wait >/dev/null || true; fi

apt-get update -q
apt-get upgrade --yes -q
