# Tries what an engine must not be able to do, and prints name=open or name=refused for each, as the
# query of a URL.
line="user=$(id -un)"
try() {
  name=$1
  shift
  if "$@" >/dev/null 2>&1; then answer=open; else answer=refused; fi
  line="$line&$name=$answer"
}
token() { curl -sf --max-time 10 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "http://$1/latest/api/token"; }
run=$(dirname "$PWD")

try imds-v4 token 169.254.169.254
try imds-v6 token '[fd00:ec2::254]'
try page curl -s --max-time 10 http://127.0.0.1/healthz
try page-v6 curl -s --max-time 10 'http://[::1]/healthz'
try run-state cat "$run/run.json"
try user-data cat "$run/user-data"
try agent-log cat "$run/logs/agent.log"
try runs-list ls /var/lib/onager/runs
try run-list ls "$run"
try write-state touch "$run/run.json"
try write-scenario touch "$run/scenario/tsung.xml"
try dbus busctl --timeout=5 list
try dbus-private systemctl --no-ask-password is-active onager.socket
try shadow cat /etc/shadow
try cloud-init ls /var/lib/cloud/instance/
try home ls /home /root
try settings cat /etc/onager/onager.yaml
try others-processes ls /proc/1/fd
try write-etc touch /etc/hostname
try write-code touch /usr/lib/onager/code-cache
try setuid chmod u+s "$(mktemp)"
try namespace unshare --user true
echo "$line"
