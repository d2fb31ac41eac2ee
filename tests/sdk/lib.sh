# SPDX-License-Identifier: MIT
# For the sessions of tests/sdk. Each function prints verdict lines. SAID holds what the last
# command said.

SAID=$(mktemp)
trap 'rm -f "$SAID"' EXIT

verdict() {
	if [ "$1" = 0 ]; then
		echo "ok - $2"
	else
		tail -n 40 "$SAID"
		echo "not ok - $2"
	fi
	return "$1"
}

# check TEXT COMMAND...: the command must succeed.
check() {
	text=$1
	shift
	fails "$text" 0 "$@"
}

# fails TEXT STATUS COMMAND...: the command must end with this status.
fails() {
	text=$1
	wanted=$2
	shift 2
	"$@" >"$SAID" 2>&1
	status=$?
	[ "$status" = "$wanted" ] || echo "status $status, not $wanted: $*" >>"$SAID"
	[ "$status" = "$wanted" ]
	verdict $? "$text"
}

# says TEXT PATTERN: what the last command said must match (grep -E).
says() {
	grep -E -e "$2" "$SAID" >/dev/null
	found=$?
	[ $found = 0 ] || echo "nothing matches '$2'" >>"$SAID"
	verdict $found "$1"
}
