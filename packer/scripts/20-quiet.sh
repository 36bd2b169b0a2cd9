#!/bin/sh
# Turns off what would use processor, disk or network during a measurement.
set -eu

# An instance lives for one run: security updates come with the next image.
for unit in \
  apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service \
  dpkg-db-backup.timer e2scrub_all.timer fstrim.timer fwupd-refresh.timer man-db.timer motd-news.timer \
  update-notifier-download.timer update-notifier-motd.timer ua-timer.timer \
  ModemManager.service multipathd.service multipathd.socket udisks2.service; do
  # Not every system has every one of them; a mask holds for those that come later, too.
  ln -sfn /dev/null "/etc/systemd/system/$unit"
done

# Snaps stay (on Ubuntu one of them is the SSM agent), but as they are.
if command -v snap >/dev/null; then snap refresh --hold; fi
