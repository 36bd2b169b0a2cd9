#!/bin/sh
# Installs the Onager package, and with it the engine and all else it depends on.
set -eu
export DEBIAN_FRONTEND=noninteractive

deb=${ONAGER_DEB:-/tmp/onager.deb}
apt-get install --yes -q --no-install-recommends "$deb"
rm -f "$deb"
