#!/usr/bin/env bash
# Checks and packs a scenario. With an image, also launches it, waits for the report and takes the
# verdict.
#
#   load-test.sh SCENARIO [OUT]
#
# ONAGER            how to run Onager (default: onager)
# ONAGER_IMAGE      the AMI; without it nothing is launched
# ONAGER_BUCKET     the bucket for the run, and for a scenario over 16 KB
# ONAGER_PROFILE    the instance profile (default: onager)
# ONAGER_TYPE       the instance type (default: c7i.large)
# ONAGER_SUBNET     the subnet (default: the account's)
# ONAGER_MINUTES    how long the manifest is waited for (default: 60)
#
# Exit codes: for a scenario that is wrong those of `onager check`. 0: complete, no objective
# missed. 1: an objective was missed. 3: the run did not complete.
set -euo pipefail

scenario=${1:?usage: load-test.sh SCENARIO [OUT]}
out=${2:-onager-out}
read -ra onager <<<"${ONAGER:-onager}"
mkdir -p "$out"

"${onager[@]}" check "$scenario" --json | tee "$out/check.json"
"${onager[@]}" pack "$scenario" -o "$out/scenario.zip"

# Everything above runs anywhere. From here on it costs money.
if [ -z "${ONAGER_IMAGE:-}" ]; then
  echo 'ONAGER_IMAGE is not set: nothing is launched'
  exit 0
fi
bucket=${ONAGER_BUCKET:?the bucket that the run is published to}
# One prefix for each job: the one run below it is ours.
prefix="ci/$(date -u +%Y%m%dT%H%M%SZ)-$$"

user_data="fileb://$out/scenario.zip"
if [ -f "$out/scenario.zip.onager.yaml" ]; then
  aws s3 cp "$out/scenario.zip" "s3://$bucket/$prefix/scenario.zip"
  sed -i "s|s3://YOUR-BUCKET/scenario.zip|s3://$bucket/$prefix/scenario.zip|" "$out/scenario.zip.onager.yaml"
  user_data="file://$out/scenario.zip.onager.yaml"
fi

launch=(--image-id "$ONAGER_IMAGE" --instance-type "${ONAGER_TYPE:-c7i.large}" --user-data "$user_data"
  --iam-instance-profile "Name=${ONAGER_PROFILE:-onager}"
  --metadata-options HttpTokens=required,InstanceMetadataTags=enabled
  --instance-initiated-shutdown-behavior terminate
  --tag-specifications "ResourceType=instance,Tags=[{Key=onager:publish.to,Value=s3://$bucket/$prefix},{Key=onager:after.action,Value=terminate}]"
  --query 'Instances[0].InstanceId' --output text)
if [ -n "${ONAGER_SUBNET:-}" ]; then launch+=(--subnet-id "$ONAGER_SUBNET"); fi
instance=$(aws ec2 run-instances "${launch[@]}")
# Whatever happens to this job, the instance does not outlive it. Otherwise its lifetime ends it.
trap 'aws ec2 terminate-instances --instance-ids "$instance" >"$out/terminate.json" || true' EXIT
echo "launched $instance"

# The manifest is the last object of a run: once it is there, everything is.
deadline=$((SECONDS + 60 * ${ONAGER_MINUTES:-60}))
manifest=None
while [ "$manifest" = None ]; do
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "no manifest below s3://$bucket/$prefix in time" >&2
    exit 3
  fi
  sleep "${ONAGER_POLL_SECONDS:-15}"
  manifest=$(aws s3api list-objects-v2 --bucket "$bucket" --prefix "$prefix/" --output text \
    --query "Contents[?ends_with(Key, '/manifest.json')].Key | [0]")
done
run=${manifest%/manifest.json}
for file in summary.json report.html junit.xml; do
  aws s3 cp "s3://$bucket/$run/$file" "$out/$file" || echo "there is no $file"
done

outcome=$(jq -r '.run.outcome.kind // "failed"' "$out/summary.json")
verdict=$(jq -r '.slo.verdict // "none"' "$out/summary.json")
echo "outcome: $outcome, objectives: $verdict"
[ "$outcome" = complete ] || exit 3
[ "$verdict" != fail ] || exit 1
