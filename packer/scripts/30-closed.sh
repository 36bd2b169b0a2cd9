#!/bin/sh
# Closes the ports that other packages open to the network. An instance offers the page, and ssh as
# its security group allows.
set -eu

# Erlang's port mapper: the engine starts its own, on the loopback and in its own control group.
for unit in epmd.socket epmd@0.0.0.0.socket epmd.service epmd@0.0.0.0.service; do
  ln -sfn /dev/null "/etc/systemd/system/$unit"
done

# A load generator does not need the names of its neighbours (LLMNR, mDNS).
mkdir -p /etc/systemd/resolved.conf.d
printf '[Resolve]\nLLMNR=no\nMulticastDNS=no\n' >/etc/systemd/resolved.conf.d/onager.conf
