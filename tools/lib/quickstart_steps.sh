# The steps of tools/quickstart that need more than one line; sourced by it.

BIN=build/release
WORK=build/quickstart
PKI=$WORK/pki
# Where the command line keeps its contexts, one for each person: whose certificate, which server.
export TRIALGATE_CONFIG=$PWD/$WORK/contexts.toml
unset TRIALGATE_SERVER TRIALGATE_AS
# What a study record does not tell, and the requester adds.
DETAILS=(--requester organizations/nordic-demo-pharma
  --first-patient-in "$(date -d '+9 months' +%F)" --months 12 --patients 40 --sites 3
  --contact-name "Clinical operations" --contact-email trials@nordic-demo-pharma.example)
SERVER_PID=
ADDRESS=127.0.0.1:0

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() { printf '\n$ %s\n' "$*"; "$@"; }
trialgate() { "$BIN/tools/cli/trialgate" "$@"; }
json() { /usr/bin/python3 -c "import json,sys; print(json.load(open(sys.argv[1]))$2)" "$1"; }

# Every run starts with a folder of its own making; a server that an earlier --keep left is ended first.
prepare_folder() {
  local pid
  pid=$(cat "$WORK/server.pid" 2>/dev/null || true)
  if [ -n "$pid" ] && grep -qs "trialgate-server" "/proc/$pid/cmdline"; then
    echo "quickstart: ending the server that an earlier run left (process $pid)"
    kill "$pid"
    while [ -e "/proc/$pid" ]; do sleep 0.1; done
  fi
  rm -rf "$WORK"
  mkdir -p "$WORK"
}

make_server_certificate() { show tools/certificates "$PKI" server; }

# The key with which the server signs checkpoints of the audit trail.
make_audit_key() { show trialgate audit make-key "$WORK/audit.key"; }

# NAME PRINCIPAL: gives that person a certificate, and the command line a context that uses it.
let_in() {
  show tools/certificates "$PKI" client "$2" "$1"
  trialgate config set-context "$1" --server "$ADDRESS" --ca "$PWD/$PKI/ca.crt" \
    --certificate "$PWD/$PKI/clients/$1.crt" --key "$PWD/$PKI/clients/$1.key" > "$WORK/context.log" 2>&1 ||
    { cat "$WORK/context.log" >&2; return 1; }
}

# On the address that it had before, if it was started before.
start_server() {
  rm -f "$WORK/ports.json"
  "$BIN/services/server/trialgate-server" --data-dir="$WORK/data" --listen="$ADDRESS" \
    --metrics-listen=127.0.0.1:0 --port-file="$WORK/ports.json" \
    --tls-certificate="$PKI/server.crt" --tls-key="$PKI/server.key" \
    --tls-client-ca="$PKI/ca.crt" --tls-crl="$PKI/ca.crl" \
    --audit-key="$WORK/audit.key" --audit-checkpoint-commits=5 >> "$WORK/server.log" 2>&1 &
  SERVER_PID=$!
  echo "$SERVER_PID" > "$WORK/server.pid"
  trap 'stop_server' EXIT
  local waited=0
  until [ -s "$WORK/ports.json" ]; do
    if ! kill -0 "$SERVER_PID" 2>/dev/null || [ $((waited += 1)) -gt 300 ]; then
      echo "quickstart: the server did not start; the end of $WORK/server.log:" >&2
      tail -n 20 "$WORK/server.log" >&2
      exit 1
    fi
    sleep 0.1
  done
  ADDRESS=$(json "$WORK/ports.json" "['listen']")
  METRICS=$(json "$WORK/ports.json" "['metrics_listen']")
  echo "server: process $SERVER_PID, gRPC with mutual TLS at $ADDRESS, metrics at http://$METRICS/metrics"
}

kill_server() {
  echo "\$ kill -9 $SERVER_PID"
  kill -9 "$SERVER_PID"
  wait "$SERVER_PID" 2>/dev/null || true
}

stop_server() {
  kill "$SERVER_PID" 2>/dev/null || true
  wait "$SERVER_PID" 2>/dev/null || true
  rm -f "$WORK/server.pid"
}

# Sets FIRST to the referral with most sites and FIRST_ANSWER to the words of its answer (two sites
# offered, one of them firmly; the rest refused); writes the other referrals to others.txt.
choose_referrals() {
  local names=() name
  mapfile -t names < <(json "$WORK/submitted.json" "['trialRequest']['referrals']" | tr -d "[],'" | tr ' ' '\n')
  : > "$WORK/referrals.txt"
  for name in "${names[@]}"; do
    trialgate --context nora referral show "$name" -o json > "$WORK/referral.json"
    /usr/bin/python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
print(len(r.get("sites", [])), r["name"], r["desk"], *r.get("sites", []))' "$WORK/referral.json" >> "$WORK/referrals.txt"
  done
  sort -rn -o "$WORK/referrals.txt" "$WORK/referrals.txt"
  local sites start
  read -r _ FIRST FIRST_DESK sites < "$WORK/referrals.txt"
  start=$(date -d '+10 months' +%F)
  FIRST_ANSWER=()
  local n=0 site
  for site in $sites; do
    n=$((n + 1))
    case $n in
      1) FIRST_ANSWER+=(--offer "$site,patients=15,start=$start,firm,pi=Dr. Invented Name") ;;
      2) FIRST_ANSWER+=(--offer "$site,patients=8,start=$start,tentative") ;;
      *) FIRST_ANSWER+=(--refuse "$site=COMPETING_STUDY:The same patients are asked for another trial") ;;
    esac
  done
}

decline_others() {
  local name desk
  while read -r _ name desk _; do
    [ "$name" = "$FIRST" ] && continue
    let_in "dora-${desk#desks/}" "coordinator:$desk:dora"
    show trialgate --context "dora-${desk#desks/}" referral decline "$name" --reason NO_STAFF \
      --comment "No study nurse before next year"
  done < "$WORK/referrals.txt"
}

show_metrics() {
  echo "\$ curl http://$METRICS/metrics"
  curl -fsS "http://$METRICS/metrics" > "$WORK/metrics.txt"
  grep -E '^(grpc_server_handled_total\{.*"OK".*(Submit|Answer|Decline|Confirm)|trialgate_requests\{|trialgate_free_slots|trialgate_match_seconds_(sum|count)|trialgate_commit_seconds_(sum|count))' \
    "$WORK/metrics.txt"
}
