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
# ONAGER_MINUTES    how long the run is waited for (default: 60)
#
# Exit codes: for a scenario that is wrong those of `onager check`, else those of wait-for-run.sh,
# which must lie beside this script.
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
user_data="fileb://$out/scenario.zip"
if [ -f "$out/scenario.zip.onager.yaml" ]; then
  uploaded="s3://$bucket/scenarios/ci-$(date -u +%Y%m%dT%H%M%SZ)-$$.zip"
  aws s3 cp "$out/scenario.zip" "$uploaded"
  sed -i "s|s3://YOUR-BUCKET/scenario.zip|$uploaded|" "$out/scenario.zip.onager.yaml"
  user_data="file://$out/scenario.zip.onager.yaml"
fi

launch=(--image-id "$ONAGER_IMAGE" --instance-type "${ONAGER_TYPE:-c7i.large}" --user-data "$user_data"
  --iam-instance-profile "Name=${ONAGER_PROFILE:-onager}"
  --metadata-options 'HttpTokens=required,InstanceMetadataTags=enabled'
  --instance-initiated-shutdown-behavior terminate
  --tag-specifications "ResourceType=instance,Tags=[{Key=onager:publish.to,Value=s3://$bucket/runs},{Key=onager:after.action,Value=terminate}]"
  --query 'Instances[0].InstanceId' --output text)
if [ -n "${ONAGER_SUBNET:-}" ]; then launch+=(--subnet-id "$ONAGER_SUBNET"); fi
instance=$(aws ec2 run-instances "${launch[@]}")
# Whatever happens to this job, the instance does not outlive it. Otherwise its lifetime ends it.
trap 'aws ec2 terminate-instances --instance-ids "$instance" >"$out/terminate.json" || true' EXIT
echo "launched $instance"

"$(dirname "$0")/wait-for-run.sh" "s3://$bucket/runs" "$instance" "$out"
