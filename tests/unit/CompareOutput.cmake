# SPDX-License-Identifier: MIT
# Fails unless what a program prints is what a file holds.
#   cmake -DPROGRAM=program -DWANTED=file -P CompareOutput.cmake
execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE found RESULT_VARIABLE status)
file(READ "${WANTED}" wanted)
if(NOT status EQUAL 0 OR NOT found STREQUAL wanted)
	message(FATAL_ERROR "${WANTED} is stale: run ${PROGRAM} >${WANTED}")
endif()
