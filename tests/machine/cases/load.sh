# SPDX-License-Identifier: MIT
# Fork, memory, signals, timers, context switches and computing under the VMM.
# machines: amd intel
# long: intel
# smp: 2
# programs: sysload
# timeout: amd=200 intel=600

. /bf/lib.sh
case $(grep -m 1 -c GenuineIntel /proc/cpuinfo) in
1) rounds=4 ;;
*) rounds=40 ;;
esac
check "sysload under the VMM" sysload --workers 2 --rounds $rounds
