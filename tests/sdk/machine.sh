# SPDX-License-Identifier: MIT
# The project's VMM on an emulated workstation. MACHINE is its kind.
. "$HERE/lib.sh"

cd probe || exit 1
check "bf run --machine $MACHINE" bf run --machine "$MACHINE" --exec \
	'cpuid_loop --cpu 1 100; bfm status; bfm log'
says "the VMM took all CPUs" '2 of 2 CPUs'
says "the guest did its work" 'cpu 1 leaf 0 count 100'
says "the log has the extension" 'extension probe 0\.1'
says "the extension saw CPU 1" 'probe: CPU 1 begins with leaf'
[ "$MACHINE" = amd ] || exit 0
fails "the command's exit status is that of bf" 3 bf run --machine amd --smp 1 --exec 'exit 3'
check "bf test machine" bf test machine --only amd
says "the project's case has run" 'ok +amd 2-cpu probe'
