#!/bin/sh
# Closes the ports that other packages open to the network: what an instance offers is ssh, as its security group allows, and the page.
set -eu

# Erlang's port mapper: the engine starts one of its own, on the loopback and in its own control group.
for unit in epmd.socket epmd@0.0.0.0.socket epmd.service epmd@0.0.0.0.service; do
  ln -sfn /dev/null "/etc/systemd/system/$unit"
done

# Names of neighbours (LLMNR, mDNS) are none of a load generator's business.
mkdir -p /etc/systemd/resolved.conf.d
printf '[Resolve]\nLLMNR=no\nMulticastDNS=no\n' >/etc/systemd/resolved.conf.d/onager.conf
