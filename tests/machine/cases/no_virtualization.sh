# SPDX-License-Identifier: MIT
# A machine with neither VMX nor SVM: told before anything is touched, and refused.
# machines: amd intel
# cpu: amd=max,-svm intel=athlon64_clawhammer
# smp: 1
# launch: no

. /bf/lib.sh
load_driver
fails "bfm check says that the machine is not fit" 69 bfm check
says "it names what is missing" "neither VMX nor SVM"
says "it names a remedy" "remedy:"
bfm load /bf/minimal.elf >/tmp/load.out 2>&1
fails "bfm start is refused" 69 bfm start
says "with the cause" "VT-x|VMX|SVM"
check "the machine goes on" bfm status
