#!/bin/sh
# Removes what belongs to the build machine: identity, keys, logs, caches. Runs last.
set -eu

apt-get autoremove --yes -q --purge
apt-get clean
rm -rf /var/lib/apt/lists/*

# Makes cloud-init see a first boot.
cloud-init clean --logs
# Empty, not "uninitialized" as cloud-init's --machine-id would make it: with that, systemd enables
# every unit there is.
truncate --size 0 /etc/machine-id
rm -f /var/lib/dbus/machine-id
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /var/lib/systemd/random-seed

find /var/log -type f -exec truncate --size 0 {} +
rm -rf /var/log/journal/*
rm -f /root/.bash_history /root/.ssh/authorized_keys /home/*/.bash_history
