#!/bin/sh
# Fails the build rather than make an image that cannot fire.
set -eu

check() {
  if ! "$@" >/dev/null 2>&1; then
    echo "80-verify: this failed: $*" >&2
    "$@" >&2 || true
    exit 1
  fi
}

check onager --version
check tsung -v
check id onager
check id onager-engine
check test -s /etc/onager/onager.yaml
check test -s /usr/lib/onager/page.html
for unit in onager.socket onager.service onager-wall.service onager-lifetime.timer; do
  check systemctl is-enabled "$unit"
done
for unit in onager-engine.service onager-poweroff.service onager-lastwords.service; do
  check test -s "/usr/lib/systemd/system/$unit"
done
check systemd-analyze verify --man=no /usr/lib/systemd/system/onager.service /usr/lib/systemd/system/onager-engine.service
# A run that an earlier boot left in this image would be taken for another instance's.
check sh -c '[ -z "$(ls -A /var/lib/onager/runs 2>/dev/null)" ]'
echo "80-verify: $(onager --version) with $(tsung -v 2>&1 | head -n 1)"
