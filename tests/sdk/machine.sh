# SPDX-License-Identifier: MIT
# The project that project.sh has made, on an emulated workstation, if MACHINES has its kind. What
# a user sees of a boot is the tutorial's business.
. "$HERE/lib.sh"

case " $MACHINES " in
*" amd "*) ;;
*)
	echo "skip - no boot on amd is wanted"
	exit
	;;
esac
cd probe || exit 1
fails "the command's exit status is that of bf" 3 bf run --machine amd --smp 1 --exec 'exit 3'
check "bf test machine" bf test machine --only amd
says "the project's case has run" 'ok +amd 2-cpu probe'
