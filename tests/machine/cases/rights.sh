# SPDX-License-Identifier: MIT
# The control device is for root only.
# machines: amd
# smp: 2

. /bf/lib.sh
cp /bf/bfm /tmp/bfm
chmod 755 /tmp /tmp/bfm
fails "another user cannot stop the VMM" 77 su -s /bin/sh nobody -c "/tmp/bfm stop"
check "the VMM still runs" bfm status
says "on all CPUs" "2 of 2"
