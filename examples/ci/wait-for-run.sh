#!/usr/bin/env bash
# Waits until the run of an instance is in the bucket, downloads its report and takes the verdict.
#
#   wait-for-run.sh s3://BUCKET/PREFIX INSTANCE_ID [OUT]
#
# The first argument is the setting publish.to. The run's folder below it ends in the instance id.
#
# ONAGER_MINUTES        how long the run is waited for (default: 60)
# ONAGER_POLL_SECONDS   how often the bucket is asked (default: 15)
#
# Exit codes: 0: no objective missed. 1: an objective, or a threshold of the scenario's own, was
# missed. 3: the run failed, did not complete, or was not in the bucket in time. 64: usage. 70: the
# bucket cannot be read.
set -euo pipefail

[[ "${2:-}" =~ ^i-[0-9a-f]+$ && "${1:-}" =~ ^s3://([^/]+)/?(.*[^/])?/*$ ]] || {
  echo 'usage: wait-for-run.sh s3://BUCKET/PREFIX INSTANCE_ID [OUT]' >&2
  exit 64
}
bucket=${BASH_REMATCH[1]}
prefix=${BASH_REMATCH[2]:+${BASH_REMATCH[2]}/}
instance=$2
out=${3:-onager-out}
mkdir -p "$out"

# Lists, and does not ask for the object itself: to whoever may not list, S3 answers 403 both for
# "not there yet" and for "you may not read this". A refused list can only be the second.
list() {
  if aws s3api list-objects-v2 --bucket "$bucket" --output json "$@" 2>"$out/aws.err"; then return; fi
  cat "$out/aws.err" >&2
  # The network, or S3 itself: the next round asks again.
  if grep -qiE 'connect|timed? ?out|SlowDown|InternalError|ServiceUnavailable|\(50[0-9]\)' "$out/aws.err"; then
    echo null
    return
  fi
  echo "s3://$bucket cannot be listed: see infra/ci-reader-policy.json for what this job needs" >&2
  exit 70
}

deadline=$((SECONDS + 60 * ${ONAGER_MINUTES:-60}))
run=
manifest=
while [ -z "$manifest" ]; do
  if [ -z "$run" ]; then
    folders=$(list --prefix "$prefix" --delimiter / --query 'CommonPrefixes[].Prefix')
    run=$(jq -r --arg id "$instance" '[.[]? | select(endswith("-\($id)/"))][0] // empty' <<<"$folders")
  fi
  if [ -n "$run" ]; then
    # The last object of a run: once it is there, everything is.
    keys=$(list --prefix "${run}manifest.json" --query 'Contents[].Key')
    manifest=$(jq -r '.[0]? // empty' <<<"$keys")
  fi
  if [ -z "$manifest" ] && [ "$SECONDS" -ge "$deadline" ]; then
    echo "no whole run of $instance below s3://$bucket/$prefix in ${ONAGER_MINUTES:-60} minutes" >&2
    if [ -z "$run" ]; then
      echo "its folder was not seen: aws ec2 get-console-output --latest --instance-id $instance" >&2
    else
      aws s3 cp "s3://$bucket/${run}run.json" - | jq '{phase, awaiting, problems, publish}' >&2
    fi
    exit 3
  fi
  if [ -z "$manifest" ]; then sleep "${ONAGER_POLL_SECONDS:-15}"; fi
done

# A run that failed before its load has no report.
for file in manifest.json run.json summary.json report.html junit.xml; do
  aws s3 cp --only-show-errors "s3://$bucket/$run$file" "$out/$file" || echo "there is no $file"
done
echo "the run is s3://$bucket/$run, its report $out/report.html"
jq -r '.problems[]? | "\(.code): \(.message)"' "$out/run.json"
jq -r '"outcome: \(.run.outcome.kind), objectives: \(.slo.verdict), generator: \(.generator.verdict)"' \
  "$out/summary.json" || true

# That of `onager report`. Its codes for what was wrong with the run are 3 here: 64 and 70 mean that
# this script could not do its work.
code=$(jq '.exitCode | if . == 0 or . == 1 then . else 3 end' "$out/manifest.json") || code=3
exit "$code"
