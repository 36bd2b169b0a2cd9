#!/bin/sh
# Takes away what belongs to the machine it was built on: identity, keys, logs, caches. Comes last.
set -eu

apt-get autoremove --yes -q --purge
apt-get clean
rm -rf /var/lib/apt/lists/*

# cloud-init shall see a first boot.
cloud-init clean --logs
# Empty, and not "uninitialized" as cloud-init's --machine-id has it: that would make systemd enable every unit there is.
truncate --size 0 /etc/machine-id
rm -f /var/lib/dbus/machine-id
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /var/lib/systemd/random-seed

find /var/log -type f -exec truncate --size 0 {} +
rm -rf /var/log/journal/*
rm -f /root/.bash_history /root/.ssh/authorized_keys /home/*/.bash_history
